public import Config
import Records

extension CohortConfig {
    public static let words =
        "The slides of a study, their labels and how they are split. Paths are relative to the config file."

    public static let fields = tables + ways

    private static let tables: [Field] = [
        Field(
            .slides,
            \.slides,
            .text,
            "A slide list (CSV) or a folder that is searched for slides.",
            absent: "none, where `features.path` is given",
            flags: ["--list"]
        ),
        Field(
            .labels,
            \.labels,
            .text,
            "CSV with the columns `slide_id`, `case_id` and `label`, or another form that the columns tell.",
            isRequired: true
        ),
        Field(.target, \.target, .choice, "What is asked of every bag."),
        Field(
            .targets,
            \.targets,
            .sections(1...100),
            "Several things that are asked of every bag at once, in place of `target`; splits, masking and the page go by the first.",
            absent: "one, `target`"
        ),
        Field(
            .timeUnit,
            \.timeUnit,
            .anyText,
            "With `target` survival: what times are counted in, for tables and pictures."
        ),
        Field(.columns, \.columns, .section, Columns.words),
        Field(
            .slideTable,
            \.slideTable,
            .text,
            "CSV that says which slides a case has (columns `FILENAME` and `PATIENT`, or those of `columns`); `labels` then has one row for each case.",
            absent: "none: `labels` has a row for each slide"
        ),
        Field(
            .caseFrom,
            \.caseFrom,
            .choice,
            "What tells the case of a slide: `tcga`, the first 12 characters of its id. `labels` may then have a row for each case.",
            absent: "a column of `labels`, or of `slide_table`"
        ),
        Field(
            .labelMap,
            \.labelMap,
            .table,
            "What a label of the table stands for, such as `{\"LUAD\": \"0\"}`; labels that are not named stay as they are.",
            absent: "no other"
        ),
        Field(
            .classes,
            \.classes,
            .list(of: .anyText, 2...Int.max, isDistinct: true),
            "Class names in label order; of two classes the second is the positive one. Slides of other classes are left out.",
            absent: "those that occur; a word for none (normal, negative, benign, no, 0, …) comes first"
        ),
        Field(.positive, \.positive, .anyText, "The class that becomes the last one.", absent: "as `classes`"),
        Field(
            .missing,
            \.missing,
            .choice,
            "What becomes of labelled slides that have no slide file or no features."
        ),
        Field(.unit, \.unit, .choice, "What one bag holds."),
    ]

    private static let ways: [Field] = [
        Field(
            .testSlides,
            \.testSlides,
            .text,
            "Slides whose id matches this pattern (`*` and `?`) are the one test part.",
            absent: "none"
        ),
        Field(
            .splits,
            \.splits,
            .text,
            "Files with one fold each (`*` and `?` allowed): CLAM's lists or booleans, columns `slide_id,split`, or ACMIL's JSON; or one table of all folds, with a column `fold_0`, `fold_1`, … for each.",
            absent: "none"
        ),
        Field(
            .monteCarlo,
            \.monteCarlo,
            .whole(1...1000),
            "So many folds that each test a `test_fraction` of the cases, drawn anew.",
            absent: "none"
        ),
        Field(
            .testFraction,
            \.testFraction,
            .number(above: 0, below: 1),
            "Share of the cases that a fold of `monte_carlo` tests."
        ),
        Field(
            .site,
            \.site,
            .text,
            "Column of the labels with a case's site; each site in turn is the test part.",
            absent: "none"
        ),
        Field(
            .folds,
            \.folds,
            .whole(1...100),
            "So many folds by case, stratified by the labels of a case's slides; each slide is tested once.",
            absent: "with `splits`, `monte_carlo` or `site`: theirs",
            when: [
                .without(
                    .splits,
                    .monteCarlo,
                    .site,
                    because: "folds do not go with splits, monte_carlo or site"
                ) { $0.hasFolds }
            ]
        ),
        Field(
            .valFraction,
            \.valFraction,
            .number(above: 0, below: 0.9),
            "Share of the training cases that is kept for validation."
        ),
        Field(
            .seed,
            \.seed,
            .seed,
            "Of the splits that are made here; the seeds of a training leave them as they are."
        ),
    ]

    public static let rules = [
        Rule("At most one of `test_slides`, `splits`, `monte_carlo` and `site` says how to split.") { config in
            let given: [CodingKeys?] = [
                config.testSlides.map { _ in .testSlides }, config.splits.map { _ in .splits },
                config.monteCarlo.map { _ in .monteCarlo }, config.site.map { _ in .site },
            ]
            let ways = given.compactMap { $0 }
            guard ways.count > 1, let last = ways.last else { return nil }
            return (last, "only one of \(ways.map(\.stringValue).joined(separator: ", ")) can say how to split")
        },
        Rule("With `test_slides`, `folds` is 1; else it is at least 2.") { config in
            guard let folds = config.folds else { return nil }
            if config.testSlides == nil { return folds > 1 ? nil : (.folds, "2 to 100 folds are allowed") }
            return folds == 1 ? nil : (.folds, "with test_slides there is one fold: write 1")
        },
        Rule("`slide_table` and `case_from` do not go together: one of them tells the case of a slide.") { config in
            config.slideTable != nil && config.caseFrom != nil
                ? (.caseFrom, "slide_table tells the cases of slides already; give one of the two keys") : nil
        },
        Rule("With `target` ordinal, `classes` gives the order.", .classes, "the classes in their order are wanted") {
            $0.target != .ordinal || $0.classes != nil
        },
        Rule("With `target` labels, `columns.labels` names them.", .columns, "labels, a list of columns, is wanted") {
            $0.target != .labels || $0.columns.labels?.isEmpty == false
        },
        Rule("`classes`, `positive` and `label_map` go with `target` class or ordinal.") { config in
            guard [.labels, .number, .survival].contains(config.target) else { return nil }
            let given: [(CodingKeys, Bool)] = [
                (.classes, config.classes != nil), (.positive, config.positive != nil),
                (.labelMap, config.labelMap != nil),
            ]
            return given.first { $0.1 }.map { ($0.0, "with target \(config.target.rawValue) there are no classes") }
        },
        Rule("Names of classes have no characters that cannot be seen.") { config in
            let names: [(CodingKeys, [String])] = [
                (.classes, config.classes ?? []), (.positive, [config.positive].compactMap { $0 }),
                (.labelMap, (config.labelMap ?? [:]).values.sorted()),
            ]
            for (key, names) in names {
                guard let hidden = names.first(where: { !ShownText.isVisible($0) }) else { continue }
                return (key, "\(SlideID.shown(hidden)) has characters that cannot be seen; write it anew")
            }
            return nil
        },
        Rule(
            "`classes` differ in more than case, blanks or the way a number is written.",
            .classes,
            "two or more different class names are wanted"
        ) { config in config.classes.map { Set($0.map(LabelWords.key)).count == $0.count } ?? true },
        Rule("Where `classes` are given, `positive` is the last of them or left out.") { config in
            guard let classes = config.classes, let positive = config.positive, positive != classes.last else {
                return nil
            }
            let last = classes.last ?? ""
            return (.positive, "the last of cohort.classes is the positive class, \(last); give one of the two keys")
        },
        CohortTarget.rule,
    ]
}
