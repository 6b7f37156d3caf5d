import Config
public import Records

/// The slides of a study, their labels and how they are split. Paths are relative to the config file.
public struct CohortConfig: Codable, Equatable, Sendable {
    /// Names of the columns of the labels, where they are not the usual ones.
    public struct Columns: Codable, Equatable, Sendable {
        public var slide: String?
        public var `case`: String?
        public var label: String?

        enum CodingKeys: String, CodingKey, CaseIterable { case slide, `case`, label }

        public init() {}

        public init(from decoder: any Decoder) throws {
            let reader = try StrictReader(decoder, CodingKeys.self)
            try reader.read(.slide, into: &slide)
            try reader.read(.case, into: &`case`)
            try reader.read(.label, into: &label)
        }
    }

    /// What becomes of labelled slides that have no slide file or no features.
    public enum Missing: String, ConfigChoice {
        /// They are left out, with a note.
        case note
        case error
    }

    /// A slide list (CSV) or a folder that is searched for slides; not needed where `features.path` is given.
    public var slides: String?
    /// CSV with the columns slide_id, case_id and label, or one of the forms that `LabelTable` reads.
    public var labels: String
    public var columns = Columns()
    /// What a label of the table stands for, such as `{"LUAD": "0"}`; labels that are not named stay as they are.
    public var labelMap: [String: String]?
    /// Class names in label order; for two classes the second is the positive one. Slides of other classes are left out.
    /// Default: those that occur, in the order that `ClassOrder` finds.
    public var classes: [String]?
    /// The class that becomes the last one.
    public var positive: String?
    public var missing = Missing.note
    /// What one bag holds.
    public var unit = Cohort.Unit.slide
    /// Folds by case; each slide is tested once. nil where another key says how to split.
    public var folds: Int? = 5
    /// Slides whose id matches this pattern (`*` and `?`) are the one test part; `folds` must then be 1.
    public var testSlides: String?
    /// Files with one fold each (`*` and `?` allowed), in one of the forms that `SplitFiles` reads.
    public var splits: String?
    /// Folds that each test a `testFraction` of the cases, drawn anew.
    public var monteCarlo: Int?
    public var testFraction = 0.2
    /// Column of the labels with a case's site; each site in turn is the test part.
    public var site: String?
    /// Share of the training cases that is kept for validation.
    public var valFraction = 0.15
    /// Of the splits that are made here; the seeds of a training leave them as they are.
    public var seed: UInt64 = 0

    enum CodingKeys: String, CodingKey, CaseIterable {
        case slides, labels, columns, classes, positive, missing, unit, folds, splits, site, seed
        case labelMap = "label_map"
        case testSlides = "test_slides"
        case monteCarlo = "monte_carlo"
        case testFraction = "test_fraction"
        case valFraction = "val_fraction"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.slides, into: &slides)
        labels = try reader.require(.labels)
        try reader.read(.columns, into: &columns)
        try reader.read(.labelMap, into: &labelMap)
        try reader.read(.classes, into: &classes)
        try reader.read(.positive, into: &positive)
        try reader.read(.missing, into: &missing)
        try reader.read(.unit, into: &unit)
        try reader.read(.testSlides, into: &testSlides)
        try reader.read(.splits, into: &splits)
        try reader.read(.monteCarlo, into: &monteCarlo)
        try reader.read(.testFraction, into: &testFraction)
        try reader.read(.site, into: &site)
        try reader.read(.valFraction, into: &valFraction)
        try reader.read(.seed, into: &seed)
        if splits != nil || monteCarlo != nil || site != nil {
            folds = nil
            try reader.refuse(.folds, because: "folds do not go with splits, monte_carlo or site")
        }
        try reader.read(.folds, into: &folds)
        try validate(at: reader.keyPath)
    }

    private func validate(at keyPath: (CodingKeys) -> String) throws {
        for (key, text) in [
            (CodingKeys.slides, slides), (.labels, labels), (.splits, splits), (.testSlides, testSlides), (.site, site),
        ] { try ConfigError.checkNotEmpty(text, keyPath(key)) }
        let ways: [CodingKeys] = [
            testSlides.map { _ in .testSlides }, splits.map { _ in .splits }, monteCarlo.map { _ in .monteCarlo },
            site.map { _ in .site },
        ].compactMap { $0 }
        try ConfigError.check(
            ways.count < 2,
            keyPath(ways.last ?? .splits),
            "only one of \(ways.map(\.stringValue).joined(separator: ", ")) can say how to split"
        )
        if let folds {
            try ConfigError.check(
                testSlides == nil ? (2...100).contains(folds) : folds == 1,
                keyPath(.folds),
                testSlides == nil ? "2 to 100 folds are allowed" : "with test_slides there is one fold: write 1"
            )
        }
        try ConfigError.check(
            monteCarlo.map((1...1000).contains) ?? true,
            keyPath(.monteCarlo),
            "1 to 1000 folds are allowed"
        )
        try ConfigError.check(
            testFraction > 0 && testFraction < 1,
            keyPath(.testFraction),
            "a share between 0 and 1 is wanted"
        )
        try ConfigError.check(
            valFraction > 0 && valFraction < 0.9,
            keyPath(.valFraction),
            "a share between 0 and 0.9 is wanted"
        )
        for (key, names) in [
            (CodingKeys.classes, classes ?? []), (.positive, [positive].compactMap { $0 }),
            (.labelMap, (labelMap ?? [:]).values.sorted()),
        ] {
            let hidden = names.first { !ShownText.isVisible($0) }
            try ConfigError.check(
                hidden == nil,
                keyPath(key),
                "\(SlideID.shown(hidden ?? "")) has characters that cannot be seen; write it anew"
            )
        }
        if let classes {
            try ConfigError.check(
                classes.count >= 2 && Set(classes.map(LabelWords.key)).count == classes.count,
                keyPath(.classes),
                "two or more different class names are wanted"
            )
            try ConfigError.check(
                positive == nil || positive == classes.last,
                keyPath(.positive),
                "the last of cohort.classes is the positive class, \(classes.last ?? ""); give one of the two keys"
            )
        }
    }

    /// Whether a slide may be tested in several folds.
    var repeatsTests: Bool { splits != nil || monteCarlo != nil }
}
