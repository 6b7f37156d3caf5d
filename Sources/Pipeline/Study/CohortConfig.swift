public import Config
public import Records

/// The slides of a study, their labels and how they are split. Paths are relative to the config file.
public struct CohortConfig: ConfigSection {
    /// Names of the columns of the labels, where they are not the usual ones.
    public struct Columns: ConfigSection {
        public var slide: String?
        public var `case`: String?
        public var label: String?
        public var time: String?
        public var event: String?
        /// One for each label that is asked.
        public var labels: [String]?

        public enum CodingKeys: String, CodingKey, CaseIterable { case slide, `case`, label, time, event, labels }

        public init() {}

        public static let words = "Names of the columns of the labels, where they are not the usual ones."

        public static let fields: [Field] = [
            Field(.slide, \.slide, .anyText, "Column of the slides' ids.", absent: "`slide_id` and its like"),
            Field(.case, \.case, .anyText, "Column of the cases' ids.", absent: "`case_id` and its like"),
            Field(
                .label,
                \.label,
                .anyText,
                "Column of the labels: classes, or with `target` number the numbers.",
                absent: "`label` and its like"
            ),
            Field(
                .time,
                \.time,
                .anyText,
                "With `target` survival: column of the times.",
                absent: "`time` and its like"
            ),
            Field(
                .event,
                \.event,
                .anyText,
                "With `target` survival: column that says 1 where the event came at that time and 0 where it is not known to have.",
                absent: "`event` and its like"
            ),
            Field(
                .labels,
                \.labels,
                .list(of: .anyText, 1...1000, isDistinct: true),
                "With `target` labels: columns of yes and no, one for each label; empty where it is not known.",
                absent: "none"
            ),
        ]
    }

    /// What becomes of labelled slides that have no slide file or no features.
    public enum Missing: String, DescribedChoice {
        case note, error

        public var meaning: String {
            switch self {
            case .note: "they are left out, with a note"
            case .error: "none may be missing"
            }
        }
    }

    /// What tells the case of a slide, where no table does.
    public enum CaseSource: String, DescribedChoice {
        case tcga

        public var meaning: String {
            switch self {
            case .tcga: "the first 12 characters of a slide's id, which are a patient's barcode, such as `TCGA-A6-2671`"
            }
        }
    }

    /// A slide list (CSV) or a folder that is searched for slides; not needed where `features.path` is given.
    public var slides: String?
    /// CSV with the columns slide_id, case_id and label, or one of the forms that `LabelTable` reads.
    public var labels = ""
    /// What is asked of every bag.
    public var target = Target.Kind.class
    /// Several things that are asked of every bag, in place of `target`; never one alone, which is the target itself.
    public var targets: [CohortTarget]?
    /// Of survival.
    public var timeUnit = "days"
    public var columns = Columns()
    /// A table of slides and their cases; `labels` then has a row for each case.
    public var slideTable: String?
    public var caseFrom: CaseSource?
    public var labelMap: [String: String]?
    /// Class names in label order.
    public var classes: [String]?
    /// The class that becomes the last one.
    public var positive: String?
    public var missing = Missing.note
    /// What one bag holds.
    public var unit = Cohort.Unit.slide
    /// nil where another key says how to split.
    public var folds: Int? = 5
    public var testSlides: String?
    public var splits: String?
    public var monteCarlo: Int?
    public var testFraction = 0.2
    public var site: String?
    public var valFraction = 0.15
    /// Of the splits that are made here; the seeds of a training leave them as they are.
    public var seed: UInt64 = 0

    /// What no cohort is: labels are required.
    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case slides, labels, target, targets, columns, classes, positive, missing, unit, folds, splits, site, seed
        case labelMap = "label_map"
        case slideTable = "slide_table"
        case caseFrom = "case_from"
        case timeUnit = "time_unit"
        case testSlides = "test_slides"
        case monteCarlo = "monte_carlo"
        case testFraction = "test_fraction"
        case valFraction = "val_fraction"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        self.init()
        try reader.read([.splits, .monteCarlo, .site], into: &self)
        if !hasFolds { folds = nil }
        try reader.read(into: &self)
        try check(at: reader.path)
        if targets?.count == 1 { self = asked[0] }
    }

    var hasFolds: Bool { splits == nil && monteCarlo == nil && site == nil }

    /// Whether a slide may be tested in several folds.
    var repeatsTests: Bool { splits != nil || monteCarlo != nil }
}
