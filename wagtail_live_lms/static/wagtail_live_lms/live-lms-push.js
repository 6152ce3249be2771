/* On the page of notification settings: lets this browser be notified when the site is closed. */
(() => {
  "use strict";

  const form = document.querySelector("[data-push-add]");
  const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!form || !can) return;

  const show = (name, isShown) => { document.querySelector(`[data-push-${name}]`).hidden = !isShown; };
  const { pushKey: applicationServerKey, pushWorker } = form.dataset;

  async function subscribe() {
    const registration = await navigator.serviceWorker.register(pushWorker);
    const before = await registration.pushManager.getSubscription();
    await before?.unsubscribe();  // it may be bound to an older key of this site
    await active(registration);
    return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  }

  const active = (registration) => registration.active || new Promise((resolve) => {
    const worker = registration.installing || registration.waiting;
    worker.addEventListener("statechange", () => worker.state === "activated" && resolve(worker));
  });

  async function add(event) {
    event.preventDefault();
    show("failed", false);
    const permission = await Notification.requestPermission();
    show("denied", permission === "denied");
    if (permission !== "granted") return;
    try {
      const { endpoint, keys } = (await subscribe()).toJSON();
      for (const [name, value] of Object.entries({ endpoint, ...keys })) form.elements[name].value = value;
      form.submit();
    } catch {
      show("failed", true);
    }
  }

  /* The browser forgets its address before the server does. */
  async function remove(event) {
    event.preventDefault();
    const registration = await navigator.serviceWorker.getRegistration(pushWorker);
    const subscription = await registration?.pushManager.getSubscription();
    await subscription?.unsubscribe().catch(() => {});
    event.target.submit();
  }

  form.addEventListener("submit", add);
  document.querySelector("[data-push-remove]")?.addEventListener("submit", remove);
  show("missing", false);
  form.hidden = false;
})();
