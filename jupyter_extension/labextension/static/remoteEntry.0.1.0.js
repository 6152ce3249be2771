/* The page's part of jupyter-live-lms, for JupyterLab 4 and Notebook 7. Written by hand as a
 * federated module: `init` receives the application's shared modules, `get` makes the plugin. It
 * speaks to the Jupyter server alone; if anything here fails, Jupyter starts without it. */
(() => {
  'use strict';

  const NAME = 'jupyter-live-lms';
  const PLUGIN = `${NAME}:plugin`;
  const FINISH = `${NAME}:finish`;
  const EXPLAIN = `${NAME}:explain`;
  const OPEN = `${NAME}:open`;
  const EVENT = 'urn:jupyter-live-lms:lesson:v1';
  const METADATA_KEY = 'live_lms';
  const POLL_MILLISECONDS = 60000;
  const AFTER_SAVE_MILLISECONDS = 3000;
  const SHOWN_AT_ONCE = 3;

  const STYLE = `
    .live-lms-status {
      align-items: center;
      background: none;
      border: 0;
      color: inherit;
      cursor: pointer;
      display: inline-flex;
      font: inherit;
      font-variant-numeric: tabular-nums;
      gap: 6px;
      height: 100%;
      line-height: inherit;
      padding: 0 6px;
      white-space: nowrap;
    }
    .live-lms-status:focus-visible { outline: 2px solid var(--jp-brand-color1); outline-offset: -2px; }
    .live-lms-status::before {
      background: var(--jp-inverse-layout-color4);
      border-radius: 50%;
      content: '';
      height: 8px;
      width: 8px;
    }
    .live-lms-status[data-tone='good']::before { background: var(--jp-success-color1); }
    .live-lms-status[data-tone='wait']::before { background: var(--jp-warn-color1); }
    .live-lms-status[data-tone='bad']::before { background: var(--jp-error-color1); border-radius: 0; }
    .live-lms-finish .jp-ToolbarButtonComponent-label { margin-inline-start: 4px; }
    .live-lms-toolbar-status { color: var(--jp-ui-font-color1); font-size: var(--jp-ui-font-size1); }
  `;

  let scope;

  /** The application's own copy of a module, so that tokens are the same objects. */
  const shared = async name => {
    const versions = scope[name];
    if (!versions) throw new Error(`${NAME}: no shared module ${name}`);
    const newest = Object.keys(versions).reduce((one, other) => {
      if (versions[one].loaded) return one;
      if (versions[other].loaded) return other;
      return one.localeCompare(other, undefined, { numeric: true }) >= 0 ? one : other;
    });
    const factory = await versions[newest].get();
    versions[newest].loaded = 1;
    return factory();
  };

  /** Requests to the server extension; rejects on any answer but success. */
  class Server {
    constructor({ ServerConnection, URLExt }, settings) {
      this.connection = ServerConnection;
      this.settings = settings;
      this.root = URLExt.join(settings.baseUrl, 'jupyter_live_lms/');
    }

    async ask(what, init = {}) {
      const answer = await this.connection.makeRequest(this.root + what, init, this.settings);
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      return answer.json();
    }

    async lesson(path, isFresh) {
      const fresh = isFresh ? '&fresh=1' : '';
      return (await this.ask(`lesson?path=${encodeURIComponent(path)}${fresh}`)).lesson;
    }

    async finish(path) {
      const body = JSON.stringify({ path });
      return (await this.ask('finish', { method: 'POST', body })).lesson;
    }

    async notifications(after) {
      return (await this.ask(`notifications?after=${after}`)).notifications;
    }
  }

  /** The words of a state, and how urgent it is. */
  const describe = (lesson, trans) => {
    const count = trans.__('Lesson: %1 of %2', lesson.passed, lesson.required);
    const isAll = lesson.passed >= lesson.required;
    switch (lesson.state) {
      case 'completed': return [trans.__('Lesson: completed'), 'good'];
      case 'queued': return [isAll ? trans.__('Lesson: queued') : trans.__('%1, queued', count), 'wait'];
      case 'waiting': return [trans.__('Lesson: waits for earlier ones'), 'wait'];
      case 'disconnected': return [trans.__('Lesson: not connected'), 'bad'];
      case 'paused': return [trans.__('Lesson: reconnect'), 'bad'];
      case 'refused': return [trans.__('Lesson: not accepted'), 'bad'];
      case 'other_site': return [trans.__('Lesson: another site'), 'bad'];
      case 'outdated': return [trans.__('Lesson: revised'), 'bad'];
      case 'unusable': return [trans.__('Lesson: unusable'), 'bad'];
      default: return [count, 'calm'];
    }
  };

  const TYPES = { good: 'success', wait: 'warning', bad: 'error', calm: 'info' };

  /** Makes a button that shows how a lesson stands and explains it on a click. */
  const statusWidget = (Widget, onClick, trans) => {
    const widget = new Widget();
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'live-lms-status';
    button.setAttribute('aria-live', 'polite');
    button.addEventListener('click', onClick);
    widget.node.appendChild(button);
    widget.show_ = lesson => {
      widget.setHidden(!lesson);
      const [text, tone] = lesson ? describe(lesson, trans) : ['', 'calm'];
      if (button.textContent !== text) button.textContent = text;
      button.dataset.tone = tone;
      button.title = lesson ? lesson.message : '';
    };
    widget.show_(null);
    return widget;
  };

  /** The open lessons of this page and what is known of them. */
  class Lessons {
    constructor(app, server, tracker, trans) {
      this.app = app;
      this.server = server;
      this.tracker = tracker;
      this.trans = trans;
      this.known = new WeakMap();
      this.listeners = new Set();
      this.announced = new Set();
      this.busy = new WeakSet();
      tracker.widgetAdded.connect((_, panel) => this.open(panel));
      tracker.forEach(panel => this.open(panel));
      tracker.currentChanged.connect(() => this.changed());
    }

    get current() { return this.tracker.currentWidget; }

    isLesson(panel) {
      const model = panel && panel.content && panel.content.model;
      return Boolean(model && model.getMetadata(METADATA_KEY));
    }

    isCompleted(panel) {
      const lesson = this.of(panel);
      return Boolean(lesson && lesson.state === 'completed');
    }

    of(panel) { return panel ? this.known.get(panel) || null : null; }

    async open(panel) {
      panel.context.saveState.connect((_, state) => {
        if (state === 'completed') setTimeout(() => this.refresh(panel), AFTER_SAVE_MILLISECONDS);
      });
      await panel.context.ready;
      await this.refresh(panel, true);
    }

    async refresh(panel, isFresh = false) {
      if (panel.isDisposed) return;
      if (!this.isLesson(panel)) { this.set(panel, null); return; }
      try {
        this.set(panel, await this.server.lesson(panel.context.localPath, isFresh));
      } catch (error) {
        console.warn(`${NAME}: how the lesson stands is not known:`, error);
        this.changed();
      }
    }

    set(panel, lesson) {
      this.known.set(panel, lesson);
      this.changed();
    }

    changed() {
      this.app.commands.notifyCommandChanged(FINISH);
      this.listeners.forEach(listener => listener());
    }

    async hear(event) {
      const panels = [];
      this.tracker.forEach(panel => { if (this.isLesson(panel)) panels.push(panel); });
      const concerned = panels.filter(panel => {
        const lesson = this.of(panel);
        return !event.module || !lesson || lesson.module === event.module;
      });
      await Promise.all(concerned.map(panel => this.refresh(panel)));
      if (!event.is_news) return;
      const lessons = concerned.map(panel => this.of(panel));
      this.announce(event.module, lessons.find(one => one && one.module === event.module));
    }

    announce(module, lesson) {
      if (this.announced.has(module)) return;
      this.announced.add(module);
      const message = lesson
        ? this.trans.__('Lesson completed: %1', lesson.title)
        : this.trans.__('Lesson completed');
      this.tell(message, 'success', lesson && lesson.page_url);
    }

    async finish(panel) {
      if (!panel || this.busy.has(panel)) return;
      this.busy.add(panel);
      this.changed();
      try {
        await panel.context.save();
        this.report(panel, await this.server.finish(panel.context.localPath));
      } catch (error) {
        console.error(`${NAME}: the lesson could not be reported:`, error);
        this.tell(this.trans.__('The lesson could not be reported. Is Jupyter still running?'), 'error');
      } finally {
        this.busy.delete(panel);
        this.changed();
      }
    }

    report(panel, lesson) {
      this.set(panel, lesson);
      if (lesson && lesson.state === 'completed') this.announce(lesson.module, lesson);
      else void this.explain(panel);
    }

    async explain(panel) {
      if (panel && !this.of(panel)) await this.refresh(panel, true);
      const lesson = this.of(panel);
      if (!lesson) {
        this.tell(this.trans.__('How this lesson stands is not known.'), 'warning');
        return;
      }
      const [text, tone] = describe(lesson, this.trans);
      this.tell(`${text}. ${lesson.message}`, TYPES[tone], lesson.page_url);
    }

    tell(message, type, url) {
      const actions = url
        ? [{ label: this.trans.__('Open the course site'), commandId: OPEN, args: { url } }]
        : [];
      const autoClose = type === 'success' || type === 'info' ? 8000 : false;
      void this.app.commands.execute('apputils:notify', { message, type, options: { autoClose, actions } });
    }
  }

  /** Opens pages of the course site; any other kind of address is ignored. */
  const openPage = url => {
    let address;
    try { address = new URL(url); } catch { return; }
    if (!['http:', 'https:'].includes(address.protocol)) return;
    window.open(address.href, '_blank', 'noopener,noreferrer');
  };

  /** Shows the course site's notifications, each once per browser. */
  class Notices {
    constructor(server, lessons) {
      this.server = server;
      this.lessons = lessons;
      this.key = `${NAME}:notifications:${server.settings.baseUrl}`;
      this.isWanted = true;
      this.timer = setInterval(() => this.poll(), POLL_MILLISECONDS);
      document.addEventListener('visibilitychange', () => this.poll());
      void this.poll();
    }

    get after() { return Number(window.localStorage.getItem(this.key)) || 0; }

    async poll() {
      if (!this.isWanted || document.visibilityState !== 'visible' || this.isPolling) return;
      this.isPolling = true;
      try {
        this.show(await this.server.notifications(this.after));
      } catch (error) {
        console.debug(`${NAME}: no notifications:`, error);
      } finally {
        this.isPolling = false;
      }
    }

    show(found) {
      const fresh = found.filter(one => Number.isInteger(one.id) && one.id > this.after);
      if (!fresh.length) return;
      window.localStorage.setItem(this.key, String(Math.max(...fresh.map(one => one.id))));
      for (const one of fresh.slice(-SHOWN_AT_ONCE)) {
        const text = [one.title, one.body].filter(Boolean).join(': ');
        this.lessons.tell(text, 'default', one.url);
      }
    }
  }

  const addCommands = (app, lessons, trans, palette) => {
    app.commands.addCommand(FINISH, {
      label: trans.__('Finish Lesson'),
      caption: trans.__('Save the notebook and report it to the course site'),
      isEnabled: () => lessons.isLesson(lessons.current) && !lessons.busy.has(lessons.current),
      isVisible: () => lessons.isLesson(lessons.current),
      execute: () => lessons.finish(lessons.current)
    });
    app.commands.addCommand(EXPLAIN, {
      label: trans.__('How Does This Lesson Stand?'),
      isEnabled: () => lessons.isLesson(lessons.current),
      execute: () => lessons.explain(lessons.current)
    });
    app.commands.addCommand(OPEN, {
      label: trans.__('Open the Course Site'),
      execute: args => openPage(String(args.url || ''))
    });
    if (!palette) return;
    for (const command of [FINISH, EXPLAIN]) palette.addItem({ command, category: trans.__('Lesson') });
  };

  /** Calls `update` now, on every change and no longer than the widget lives. */
  const follow = (lessons, widget, update) => {
    lessons.listeners.add(update);
    widget.disposed.connect(() => lessons.listeners.delete(update));
    update();
    return widget;
  };

  const addStatusItem = (statusBar, Widget, lessons, trans) => {
    const item = statusWidget(Widget, () => lessons.explain(lessons.current), trans);
    item.addClass('jp-StatusBar-TextItem');
    follow(lessons, item, () => item.show_(lessons.of(lessons.current)));
    statusBar.registerStatusItem(PLUGIN, {
      item, align: 'left', rank: 20, isActive: () => Boolean(lessons.of(lessons.current))
    });
  };

  const addToolbarItems = (toolbar, { Widget, ToolbarButton, checkIcon }, lessons, trans, hasStatusBar) => {
    toolbar.addFactory('Notebook', 'live-lms-finish', panel => {
      const button = new ToolbarButton({
        icon: checkIcon,
        label: trans.__('Finish lesson'),
        tooltip: trans.__('Save the notebook and report it to the course site'),
        onClick: () => void lessons.finish(panel)
      });
      button.addClass('live-lms-finish');
      return follow(lessons, button, () => {
        button.setHidden(!lessons.isLesson(panel));
        button.enabled = !lessons.busy.has(panel) && !lessons.isCompleted(panel);
      });
    });
    toolbar.addFactory('Notebook', 'live-lms-status', panel => {
      const status = statusWidget(Widget, () => lessons.explain(panel), trans);
      status.addClass('live-lms-toolbar-status');
      return follow(lessons, status, () => status.show_(hasStatusBar ? null : lessons.of(panel)));
    });
  };

  const addStyle = () => {
    const style = document.createElement('style');
    style.textContent = STYLE;
    document.head.appendChild(style);
  };

  const heedSettings = async (registry, notices) => {
    const settings = await registry.load(PLUGIN);
    const heed = () => { notices.isWanted = settings.get('notifications').composite !== false; };
    settings.changed.connect(heed);
    heed();
  };

  /** Builds the plugin from the application's modules. */
  const makePlugin = async () => {
    const [apputils, coreutils, notebook, services, settings, statusbar, translation, ui, widgets] =
      await Promise.all([
        '@jupyterlab/apputils', '@jupyterlab/coreutils', '@jupyterlab/notebook',
        '@jupyterlab/services', '@jupyterlab/settingregistry', '@jupyterlab/statusbar',
        '@jupyterlab/translation', '@jupyterlab/ui-components', '@lumino/widgets'
      ].map(shared));
    return {
      id: PLUGIN,
      description: 'How a lesson of a course site stands, and a button to finish it.',
      autoStart: true,
      requires: [notebook.INotebookTracker],
      optional: [
        statusbar.IStatusBar, apputils.IToolbarWidgetRegistry, apputils.ICommandPalette,
        settings.ISettingRegistry, translation.ITranslator
      ],
      activate: (app, tracker, statusBar, toolbar, palette, registry, translator) => {
        const trans = (translator || translation.nullTranslator).load('jupyter_live_lms');
        const server = new Server(
          { ServerConnection: services.ServerConnection, URLExt: coreutils.URLExt },
          app.serviceManager.serverSettings
        );
        const lessons = new Lessons(app, server, tracker, trans);
        addStyle();
        addCommands(app, lessons, trans, palette);
        if (statusBar) addStatusItem(statusBar, widgets.Widget, lessons, trans);
        if (toolbar) {
          const parts = { Widget: widgets.Widget, ToolbarButton: ui.ToolbarButton, checkIcon: ui.checkIcon };
          addToolbarItems(toolbar, parts, lessons, trans, Boolean(statusBar));
        }
        app.serviceManager.events.stream.connect((_, event) => {
          if (event.schema_id === EVENT) void lessons.hear(event);
        });
        void app.restored.then(() => {
          const notices = new Notices(server, lessons);
          if (registry) heedSettings(registry, notices).catch(console.warn);
        });
      }
    };
  };

  const containers = (window._JUPYTERLAB = window._JUPYTERLAB || {});
  containers[NAME] = {
    init: async offered => { scope = offered; },
    get: async () => {
      const plugin = await makePlugin();
      return () => ({ __esModule: true, default: plugin });
    }
  };
})();
