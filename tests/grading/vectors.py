"""Worked examples with known results: tables that any implementation of the rules must meet."""

from __future__ import annotations

from fractions import Fraction as F

# Multiple choice, key {a, b, d} of six: ticked -> all or nothing, right - wrong, each decision.
# A blank response scores nothing under any of them.
MULTIPLE_CHOICE_KEY = "abd"
MULTIPLE_CHOICE = [
    ("abd", F(1), F(1), F(1)),
    ("ab", F(0), F(2, 3), F(5, 6)),
    ("abdc", F(0), F(2, 3), F(5, 6)),
    ("abc", F(0), F(1, 3), F(2, 3)),
    ("abcdef", F(0), F(0), F(1, 2)),
    ("a", F(0), F(1, 3), F(2, 3)),
    ("c", F(0), F(0), F(1, 3)),
    ("", F(0), F(0), F(0)),
]

# Each decision, key {a} of six.
FEW_RIGHT = [("a", F(1)), ("ab", F(5, 6)), ("b", F(2, 3)), ("bc", F(1, 2)), ("abcdef", F(1, 6))]

# Share of the points, points, rounded half up.
ROUNDED = [
    (F(1, 2), "0.01", "0.01"),
    (F(1, 2), "0.05", "0.03"),
    (F(1, 3), "1", "0.33"),
    (F(2, 3), "1", "0.67"),
    (F(1, 8), "0.10", "0.01"),
    (F(1), "1000", "1000.00"),
]

# Key, absolute tolerance, relative tolerance in percent, typed, accepted?
NUMBERS = [
    ("-11.7", "0.02", "0", "-11.72", True),
    ("-11.7", "0.02", "0", "-11.68", True),
    ("-11.7", "0.02", "0", "-11.7200001", False),
    ("0", "0", "5", "0", True),
    ("0", "0", "5", "0.0000001", False),
    ("0", "0", "5", "-0", True),
    ("1000", "0", "1", "990", True),
    ("1000", "0", "1", "1010.000", True),
    ("1000", "0", "1", "989.999", False),
    ("-1000", "0", "1", "-1010", True),
    ("100", "2", "1", "102", True),
    ("100", "1", "2", "98", True),
    ("100", "1", "1", "101.5", False),
    ("0.001", "0", "0", "1e-3", True),
    ("0.3", "0", "0", ".3", True),
    ("0.3", "0", "0", "0.30000000000000000000000000000000000000001", False),
    ("5", "0", "0", "-5", False),
    ("5", "0", "0", "\u2212 5", False),
    ("-5", "0", "0", "\u2212 5", True),
    ("5", "0", "0", " +5. ", True),
    ("5", "0", "0", "\u0665", True),
    ("1e300", "0", "1", "1.005E300", True),
]

# Typed, decimal comma?, code of the refusal
NUMBER_REFUSALS = [
    ("abc", False, "number_format"),
    ("nan", False, "number_format"),
    ("inf", False, "number_format"),
    ("-Infinity", False, "number_format"),
    ("1_000", False, "number_format"),
    ("1 000", False, "number_format"),
    ("1.000.000", False, "number_format"),
    ("1,000.5", False, "number_format"),
    ("0x10", False, "number_format"),
    ("5 cm", False, "number_format"),
    ("1/2", False, "number_format"),
    ("10\u00b2", False, "number_format"),
    ("--5", False, "number_format"),
    (".", False, "number_format"),
    ("e5", False, "number_format"),
    ("3,14", False, "number_comma"),
    ("3.14", True, "number_point"),
    ("1" * 65, False, "number_too_long"),
    ("1e401", False, "number_range"),
    ("1e-999999", False, "number_range"),
]

# Accepted answer, typed, accepted? (nothing but the defaults)
SHORT_TEXTS = [
    ("Paris", "  paris ", True),
    ("left join", "LEFT\u00a0 \t JOIN", True),
    ("don't", "don\u2019t", True),
    ("well-known", "well\u2011known", True),
    ("stra\u00dfe", "STRASSE", True),
    ("\ufb01ne", "fine", True),
    ("e\u0301t\u00e9", "\u00e9te\u0301", True),
    ("zero", "ze\u200bro", True),
    ("cafe", "caf\u00e9", False),
    ("yes", "yes.", False),
    ("cat", "concatenate", False),
    ("c.t", "cat", False),
    ("a*", "abc", False),
    # What fuzzy matching accepts elsewhere.
    ("5", "-5", False),
    ("a == b", "a != b", False),
    ("x < y", "x > y", False),
    ("i--", "i++", False),
    ("left join", "join left", False),
    ("supervised learning", "unsupervised learning", False),
    ("hypertension", "hypotension", False),
    ("meiosis", "mitosis", False),
]

# Option switched on, accepted answer, typed, accepted?
SHORT_TEXT_OPTIONS = [
    ("match_case", "Paris", "paris", False),
    ("match_case", "Paris", "Paris", True),
    ("ignore_accents", "cafe", "Caf\u00e9", True),
    ("ignore_accents", "\u00e9t\u00e9", "ete", True),
    ("ignore_punctuation", "yes", "yes!?", True),
    ("ignore_punctuation", "yes.", "yes", True),
    ("ignore_punctuation", "...", "...", True),
    ("ignore_punctuation", "i++", "i", False),
    ("wildcards", "*", "anything", True),
    ("wildcards", "cat*", "category", True),
    ("wildcards", "cat*", "a cat", False),
    ("wildcards", "*cat", "bobcat", True),
    ("wildcards", "c*t", "ct", True),
    ("wildcards", "c*t", "c", False),
    ("wildcards", "ab*ba", "aba", False),
    ("wildcards", "a*b*c", "a1b2b3c", True),
    ("wildcards", "a*b*c", "a1c", False),
    ("wildcards", "a*b*b", "ab", False),
    ("wildcards", "2\\*3", "2*3", True),
    ("wildcards", "2\\*3", "2xx3", False),
    ("wildcards", "2\\**", "2*3*4", True),
]

# Item analysis: rows are students, columns are questions.
ANSWER_MATRIX = ["1111", "1110", "1100", "1010", "1000", "0001"]
FACILITY = [0.8333, 0.5, 0.5, 0.3333]
DISCRIMINATION = [15.81, 44.72, 44.72, -22.09]
INTERNAL_CONSISTENCY = 32.52

# Orders that students gave to the items a, b and c, which belong in this order.
ORDERS = ["abc", "abc", "acb", "bca", "cba", "cba"]

# What students matched with France and Spain: "" is blank, "gone" an option since removed.
MATCHES = [
    ("Paris", "Madrid"),
    ("Paris", "Madrid"),
    ("Madrid", "Paris"),
    ("Paris", ""),
    ("gone", "Rome"),
    ("", ""),
]
