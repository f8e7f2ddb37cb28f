"""The words of the dialogue: what each question asks, what each answer means, what each placeholder gives."""

from __future__ import annotations

PYTHON = ".venv/bin/python build.py"
"""How a command of the project begins, as messages name it."""
KINDS = {
    "modifier": "which modifier, and when",
    "documentation": "what the record must show",
    "units": "how units are counted",
    "frequency": "how often, and how far apart",
    "bundling": "what is not paid beside what",
    "coverage": "whether Medicare pays it at all",
    "place": "where it is done, and what that changes",
    "appeal": "what to do after a denial",
}
EVIDENCE = {
    "rule": "it stands in a federal text that you cite; figures must stand in the cited sections",
    "data": "it follows from CMS's files; figures only by placeholders",
    "practice": "experience of billers; no figures at all, and the page says that no rule is cited for it",
}
WRITE = (
    "yes writes the file as it stands above. no, or <, lets you change an answer first: then type the word in front of its question. The questions after that one come again, "
    "each with its answer as a proposal; Enter keeps it."
)
QUESTIONS = {
    "kind": "What is the tip about? When two fit, take the one that a reader would look under.",
    "evidence": "What does it rest on?",
    "where": "On which codes does it stand?",
    "expects": "Between how many codes do you expect, now and after the next release?",
    "sources": "Which sections does it rest on?",
    "title": "Title: the action or the trap, 10 to 80 characters, no full stop.",
    "do": "What to do, and why, in 60 to 700 characters. An empty line ends it.",
    "impact": "What happens if it is ignored, in 30 to 300 characters. An empty line ends it.",
    "watch": "Which facts, when CMS changes them, mean that somebody must look at the tip again?",
    "effective": "From which day to which day does it hold? One date begins it, two begin and end it.",
    "author": "Who writes it? The name stands on the page.",
    "id": "Name of the file: a subject, then what the tip says; small letters, digits and hyphens.",
}
HELP = {
    "kind": "Choose what a reader would look under; when two fit, what a reader would look under first. Type the number or the word.",
    "evidence": "Choose rule whenever a section of a manual says it: such a tip outlasts every other. Practice is what you have seen yourself; "
    "it can be right and useful, but it calls on no authority and names no figure.",
    "where": "A tip stands on every page whose code it helps. Choose the narrowest answer that is true of all its codes.",
    "expects": "So that a new release cannot spread the tip unseen. A list of codes has one number; for the rest leave some room on both sides. Type two numbers: 15 17.",
    "sources": "Type words of a heading or of a tip (timed minutes), a document (cpm5), or a document and a section (cpm5 20.2). A bare number takes that line of the list that was printed "
    "last. -2 (or out 2) takes out the second of those you have chosen, 0 takes out all; Enter goes on. Read the section itself before you cite it: its address stands in "
    "rules/documents.yml. Under revision stands the document's; the section's own is shown where it is another. A section that is not in the list can be added by whoever has the text: type "
    "document and section, and what to do is said.",
    "title": "As you would say it to a colleague: Count minutes over the day, not per device. Placeholders may stand in it; Markdown may not.",
    "do": "First the action, then the reason. Write {mue} or {amount.nonfacility} where a figure of the code belongs: the build fills it in on every page. Lines that begin with - are a list. "
    "To change part of a text: words as they are => words as they should be. Blanks count, but for the two beside the arrow; nothing behind it takes the words out. "
    "< drops the lines typed since the question was asked; a text that was accepted stays.",
    "impact": "The denial, the recovery, the money left. No figure that no section states; no threat. < drops the lines typed since the question was asked; a text that was accepted stays.",
    "watch": "Type names with blanks between; Enter takes what is proposed: the facts that your placeholders and your choice of codes use. When one of them changes for a code of the tip, the tip is flagged.",
    "effective": "2018-01-01 for a rule that began on that day and still holds; 2018-01-01 2026-12-31 for one that ends too; to 2026-12-31 for one that always held until then. "
    "Enter takes what stands in brackets.",
    "author": "Your name, or that of your office or group. Three to sixty characters. The one proposed is user.name of your git settings.",
    "id": "Its first word is the subject, one of those that tips have: by it the reviewers are found. The proposal has the subject of most tips on this code. The tip's address and its link for corrections hang on it.",
}
PLACEHOLDERS = {
    "code": "the code of the page",
    "release": "the CMS release, such as RVU26C",
    "period": "its dates in words",
    "conversion_factor": "the conversion factor in force",
    "mue": "unit limit a day (MUE)",
    "mai": "how the limit is judged: 1 by line, 2 and 3 by day",
    "global_days": "days of the global period: 10 or 90",
    "pre_percent": "share of the package before the operation",
    "intra_percent": "share of the operation itself",
    "post_percent": "share of the care afterwards",
    "endo_base": "base code of the endoscopic family",
    "rvu.work": "work RVU",
    "amount.nonfacility": "national amount in the office",
    "amount.facility": "national amount in a facility",
    "amount.difference": "what the office pays more than a facility",
    "amount.professional": "amount of modifier 26",
    "amount.technical": "amount of modifier TC",
    "patient.nonfacility": "coinsurance in the office, after the deductible",
    "patient.facility": "coinsurance in a facility, after the deductible",
    "edits.column1": "PTP edits with the code in column 1",
    "edits.column2": "PTP edits with the code in column 2",
    "edits.bypass": "PTP edits that a modifier may bypass",
    "edits.no_bypass": "PTP edits that no modifier bypasses",
    "edits.quarter": "quarter of the edit set",
    "edit.97530": "how the page's code and 97530 stand in the edit set; any code may be named",
    "both_sides": "modifier 50 with bilateral indicator 1",
    "two_sides": "both sides at the full amount, bilateral indicator 3",
    "second_procedure": "a later procedure of the day",
    "assistant": "a physician who assists at surgery",
    "assistant_as": "modifier AS",
    "cosurgeon": "each of two surgeons, modifier 62",
    "surgery_only": "modifier 54",
    "after_only": "modifier 55 for all days",
    "return_only": "modifier 78",
    "reduced_unit": "a therapy unit after the first",
    "two_units": "a full therapy unit and a reduced one",
    "endo_difference": "beside a dearer endoscopy of the family",
    "imaging_tc": "technical part of a later scan of the session",
    "imaging_pc": "professional part of a later scan of the session",
    "cardiovascular_tc": "technical part of a later cardiovascular test of the day",
    "ophthalmology_tc": "technical part of a later eye test of the day",
    "nonparticipating": "what is allowed to who does not participate",
    "limiting_charge": "the most that may be charged without assignment",
    "threshold.therapy_kx": "therapy threshold of modifier KX, a year",
    "threshold.therapy_review": "therapy threshold of medical review, a year",
    "threshold.deductible": "Part B deductible, a year",
    "percent.both_sides": "percent of modifier 50, bilateral indicator 1",
    "percent.two_sides": "percent of modifier 50, bilateral indicator 3",
    "percent.second_procedure": "percent of the second to fifth procedure of a day",
    "percent.assistant": "percent of a physician who assists at surgery",
    "percent.assistant_as": "percent of modifier AS",
    "percent.cosurgeon": "percent of modifier 62, each surgeon",
    "percent.therapy_pe": "percent of practice expense left to a later therapy unit",
    "percent.imaging_tc": "percent of the technical part of a later scan",
    "percent.imaging_pc": "percent of the professional part of a later scan",
    "percent.cardiovascular_tc": "percent of the technical part of a later cardiovascular test",
    "percent.ophthalmology_tc": "percent of the technical part of a later eye test",
    "percent.nonparticipating": "percent for who does not participate",
    "percent.limiting_charge": "limiting charge in percent of the participating amount",
    "percent.anesthesia_alone": "percent of an anesthesia practitioner alone",
    "percent.anesthesia_directed": "percent of each under medical direction",
    "percent.film": "percent of the technical part left with FX",
    "percent.computed_radiography": "percent of the technical part left with FY",
    "percent.ct_standard": "percent of the technical part left with CT",
    "percent.npp": "percent of nurse practitioners, physician assistants, clinical nurse specialists",
    "percent.csw": "percent of clinical social workers, counselors and family therapists",
    "percent.dietitian": "percent of dietitians",
    "percent.medicare_share": "Medicare's percent of the allowed amount after the deductible",
    "percent.screening_share": "Medicare's percent with PT",
    "percent.therapy_assistant": "percent of Medicare's payment left with CQ and CO",
    "percent.sequestration": "percent of Medicare's payment withheld",
    "percent.bonus": "percent added in a shortage area",
}
