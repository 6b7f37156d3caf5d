import Files
import Foundation
import Records
import Storage

/// The classes of a cohort in label order, and why in this one. What is asked of two classes (sensitivity, threshold, the
/// pictures' and the page's probability) is asked of the last; lesions are looked for on slides of all but the first.
struct ClassOrder: Equatable {
    var classes: [String] = []
    private var reason = ""
    /// Where nothing says which class is the positive one; the order is then that of the labels.
    private(set) var problem: Problem?
    /// Whether the order means something.
    private var isOrdinal = false

    /// The last of two classes; nil with more, and where nothing says which it is.
    var positive: String? { classes.count == 2 && problem == nil && !isOrdinal ? classes.last : nil }

    /// One line; nil where there is nothing to say or a problem says it.
    var text: String? {
        guard let first = classes.first, classes.count > 1, problem == nil else { return nil }
        if isOrdinal { return "grades in this order: \(classes.joined(separator: ", "))" }
        if let positive { return "positive class: \(positive), since \(reason)" }
        // The lowest grade is one all the same.
        let isGrade = LabelWords.areGrades(classes) && !LabelWords.meansNone(first)
        return
            "classes in this order: \(classes.joined(separator: ", ")), since \(reason); metrics are means of each against "
            + "the rest" + (isGrade ? "" : ", and '\(first)' counts as the one without lesions")
    }

    init() {}

    /// - Parameter labels: those that occur.
    init(_ labels: [String], config: CohortConfig) {
        isOrdinal = config.target == .ordinal
        if let given = config.classes {
            (classes, reason) = (given, "cohort.classes says so")
            return
        }
        let (sorted, byValue) = Self.sorted(labels)
        // More than two numbers are grades, which keep their order: 0 lies between -1 and 1.
        let words = sorted.count > 2 && byValue ? [] : sorted
        let none = words.filter { label in
            let others = sorted.filter { $0 != label }
            return LabelWords.meansNone(label, beside: others.count == 1 ? others[0] : nil)
        }
        classes = sorted
        if let positive = config.positive {
            guard sorted.contains(positive) else {
                problem = Problem(
                    .usage,
                    "cohort.positive",
                    "'\(positive)' is none of the labels, which are \(sorted.joined(separator: ", "))"
                )
                return
            }
            // With more classes the one that means none is still the first.
            let first = none.count == 1 && none[0] != positive ? none : []
            classes = first + sorted.filter { $0 != positive && !first.contains($0) } + [positive]
            reason = "cohort.positive says so"
        } else if none.count == 1 {
            classes = none + sorted.filter { $0 != none[0] }
            reason = "'\(none[0])' is a word for none" + (sorted.count > 2 ? " and comes first" : "")
        } else if sorted.count == 2 {
            let why = none.isEmpty ? "neither is a known word for none" : "both are words for none"
            problem = Problem(
                .usage,
                "cohort.positive",
                "which class is the positive one, \(sorted[0]) or \(sorted[1])? \(why); add one of these two lines to cohort"
            )
            problem?.lines = sorted.map { "\"positive\": \(Self.json($0))," }
        } else {
            reason =
                byValue
                ? "labels that are numbers or grades go by value"
                : "labels go by the alphabet (cohort.classes gives another)"
        }
    }

    /// A text as the config writes it.
    static func json(_ text: String) -> String {
        (try? CanonicalJSON.line(text)).map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    private static func sorted(_ labels: [String]) -> (labels: [String], byValue: Bool) {
        // As I, II and IX, or G1 and G2.
        if LabelWords.areGrades(labels) {
            let grades = labels.map { (label: $0, value: LabelWords.grade($0) ?? 0) }
            return (grades.sorted { ($0.value, $0.label) < ($1.value, $1.label) }.map(\.label), true)
        }
        let numbers = labels.compactMap { label in Double(label).map { (label: label, value: $0) } }
        // Numbers beside words have no order of their own; equal numbers written differently go by their text.
        guard numbers.count == labels.count, numbers.allSatisfy(\.value.isFinite) else {
            return (labels.sorted(), false)
        }
        return (numbers.sorted { ($0.value, $0.label) < ($1.value, $1.label) }.map(\.label), true)
    }
}
