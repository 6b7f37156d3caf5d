public import Config
public import Records

/// One of several things that are asked of every bag.
public struct CohortTarget: ConfigSection {
    public var name = ""
    public var kind = Target.Kind.class
    public var weight = 1.0
    public var label: String?
    public var time: String?
    public var event: String?
    public var labels: [String]?
    public var timeUnit = CohortConfig().timeUnit
    public var classes: [String]?
    public var positive: String?
    public var labelMap: [String: String]?

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case name, kind, weight, label, time, event, labels, classes, positive
        case timeUnit = "time_unit"
        case labelMap = "label_map"
    }

    public init() {}

    public static let words =
        "One of several targets. What it does not name is as with `target`; rows where it is empty are not known to it alone."

    private static let named: [Target.Kind] = [.class, .ordinal]

    public static let fields: [Field] = [
        Field(
            .name,
            \.name,
            .text,
            "What its figures, files, outputs and rows of maps are told by: letters, digits, `_` and `-`.",
            isRequired: true
        ),
        Field(.kind, \.kind, .choice, "What is asked, as `target` has it.", isRequired: true),
        Field(.weight, \.weight, .number(above: 0, to: 1e6), "What its part of the loss is multiplied with."),
        Field(
            .label,
            \.label,
            .text,
            "Column of the classes or numbers.",
            absent: "its `name`",
            when: [.only(.kind, \.kind, [.class, .ordinal, .number])]
        ),
        Field(
            .time,
            \.time,
            .text,
            "Column of the times.",
            absent: "`time` and its like",
            when: [.only(.kind, \.kind, [.survival])]
        ),
        Field(
            .event,
            \.event,
            .text,
            "Column of the events, as `columns.event`.",
            absent: "`event` and its like",
            when: [.only(.kind, \.kind, [.survival])]
        ),
        Field(
            .timeUnit,
            \.timeUnit,
            .anyText,
            "What times are counted in.",
            when: [.only(.kind, \.kind, [.survival])]
        ),
        Field(
            .labels,
            \.labels,
            .list(of: .anyText, 1...1000, isDistinct: true),
            "Columns of yes and no, one for each label.",
            absent: "none; one at least is wanted",
            when: [.only(.kind, \.kind, [.labels])]
        ),
        Field(
            .classes,
            \.classes,
            .list(of: .anyText, 2...Int.max, isDistinct: true),
            "Class names in label order, as `cohort.classes`; rows of other classes are not known.",
            absent: "those that occur",
            when: [.only(.kind, \.kind, named)]
        ),
        Field(
            .positive,
            \.positive,
            .anyText,
            "The class that becomes the last one.",
            absent: "as `classes`",
            when: [.only(.kind, \.kind, named)]
        ),
        Field(
            .labelMap,
            \.labelMap,
            .table,
            "What a label of the table stands for.",
            absent: "no other",
            when: [.only(.kind, \.kind, named)]
        ),
    ]

    public static let rules = [
        Rule(
            "The `name` can be part of a file's name.",
            .name,
            "a name of letters, digits, _ and - is wanted, at most 64 of them"
        ) { target in
            let isPlain = target.name.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || ["_", "-"].contains($0))
            }
            return isPlain && target.name.count <= 64 && target.name.first?.isPunctuation != true
        },
        Rule(
            "The `name` is not `hard` and begins with none of \(rowPrefixes.map { "`\($0)`" }.joined(separator: ", ")), as rows of maps do.",
            .name,
            "maps have rows of such a name; another one is wanted, and label can still name the column"
        ) { target in
            target.name != "hard" && !rowPrefixes.contains(where: target.name.hasPrefix)
        },
    ]

    private static let rowPrefixes = ["class_", "fold_"] + Explanation.allCases.map { "\($0.rawValue)_" }

    /// What a config with several targets has to keep.
    static let rule = CohortConfig.Rule(
        "With `targets`, each has a name of its own, and what else tells of a target stands in them."
    ) { config in
        guard let targets = config.targets else { return nil }
        var names: Set<String> = []
        // Names of files may not differ in case alone: not every file system keeps them apart.
        if let twin = targets.first(where: { !names.insert($0.name.lowercased()).inserted }) {
            return (.targets, "two targets are called \(twin.name); give each a name of its own")
        }
        let columns = config.columns
        let single: [(CohortConfig.CodingKeys, Bool)] = [
            (.target, config.target != .class), (.classes, config.classes != nil), (.positive, config.positive != nil),
            (.labelMap, config.labelMap != nil), (.timeUnit, config.timeUnit != CohortConfig().timeUnit),
            (
                .columns,
                columns.label != nil || columns.time != nil || columns.event != nil || columns.labels != nil
            ),
        ]
        if let (key, _) = single.first(where: \.1) {
            let part = key == .columns ? "label, time, event and labels" : "this"
            return (key, "with targets, \(part) is told in each of them; leave it out here")
        }
        for (place, asked) in config.asked.enumerated() {
            do { try asked.check(at: "") } catch let error as ConfigError {
                return (.targets, "\(targets[place].name): \(error.subject.map { "\($0): " } ?? "")\(error.message)")
            } catch {}
        }
        return nil
    }
}

extension CohortConfig {
    /// A config for each target, as if it were the only one.
    var asked: [CohortConfig] {
        guard let targets else { return [self] }
        return targets.map { target in
            var config = self
            config.targets = nil
            config.target = target.kind
            switch target.kind {
            case .class, .ordinal, .number: config.columns.label = target.label ?? target.name
            case .labels: config.columns.labels = target.labels
            case .survival: (config.columns.time, config.columns.event) = (target.time, target.event)
            }
            if target.kind == .survival { config.timeUnit = target.timeUnit }
            (config.classes, config.positive, config.labelMap) = (target.classes, target.positive, target.labelMap)
            return config
        }
    }

    /// What is asked, in order.
    var kinds: [Target.Kind] { targets?.map(\.kind) ?? [target] }
}
