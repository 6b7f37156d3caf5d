/// What a column of the table has to do with the features and with what is asked.
public struct ColumnFinding: Codable, Equatable, Sendable {
    public enum Verdict: String, Codable, Sendable {
        /// The column goes with the label, and features tell it: a model may learn it in place of the label.
        case shortcut
        /// The column goes with the label and features tell it, but not among slides of one class, or too few cases are of one:
        /// through the label, as far as these cases show.
        case throughLabel = "through_label"
        /// Features tell it, and it does not go with the label as far as these cases show.
        case visible
        /// Features do not tell it, as far as these cases show.
        case unseen
    }

    public struct Group: Codable, Equatable, Sendable {
        public var name: String
        public var slides: Int
        public var cases: Int
    }

    public var name: String
    /// Whether the figures are rank correlations; else they are AUCs.
    public var isNumber: Bool
    public var slides: Int
    public var cases: Int
    /// Empty for numbers.
    public var groups: [Group]
    /// How well features tell the column.
    public var features: PermutationTest?
    /// The same among slides of one class; nil where that cannot be tested, or without classes.
    public var within: PermutationTest?
    /// Whether the column does not vary within classes, so that nothing tells it and the label apart.
    public var isInseparable = false
    /// How strongly it goes with the label, from 0 to 1; nil without classes or a number.
    public var label: PermutationTest?
    public var verdict = Verdict.unseen
    /// Why a test is missing.
    public var reason: String?

    enum CodingKeys: String, CodingKey {
        case name, slides, cases, groups, features, label, verdict, reason
        case isNumber = "is_number"
        case within = "within_classes"
        case isInseparable = "is_inseparable"
    }

    /// The rule that docs/guides/cohort.md gives; every test is held against the level after Holm.
    mutating func judge(level: Double) {
        func holds(_ test: PermutationTest?) -> Bool { (test?.adjusted ?? 1) <= level }
        switch (holds(label), holds(features), holds(within)) {
        case (true, _, true): verdict = .shortcut
        case (true, true, false): verdict = isInseparable ? .shortcut : .throughLabel
        case (false, true, _), (false, _, true): verdict = .visible
        case (_, false, false): verdict = .unseen
        }
    }
}

/// Whether numbers of slides that should not matter give the label away.
public struct LeakFinding: Codable, Equatable, Sendable {
    public var name: String
    public var title: String
    /// Whether the label is a number, so that the figure is a rank correlation; else it is an AUC.
    public var isNumber = false
    public var slides: Int
    /// Of a regression on these numbers alone, by the cases of other folds.
    public var test: PermutationTest?
    public var isTold = false
    public var reason: String?

    enum CodingKeys: String, CodingKey {
        case name, title, slides, test, reason
        case isNumber = "is_number"
        case isTold = "tells_label"
    }
}
