/// What a part of a cohort must have of targets, so that something can be learned from it.
public struct TargetNeed: Sendable {
    /// As a sentence begins: `class tumor`.
    public let name: String
    public let isMet: @Sendable (Target) -> Bool

    /// All of a kind.
    /// - Parameter classes: as `Cohort.classes`.
    public static func all(_ kind: Target.Kind, classes: [String]) -> [TargetNeed] {
        switch kind {
        case .class:
            classes.enumerated().map { label, name in TargetNeed(name: "class \(name)") { $0.label == label } }
        case .ordinal:
            classes.enumerated().map { grade, name in TargetNeed(name: "class \(name)") { $0.grade == grade } }
        case .labels:
            classes.enumerated().flatMap { place, name in
                [true, false].map { value in
                    TargetNeed(name: "label \(name) with \(value ? "yes" : "no")") { $0.labels?[place] == value }
                }
            }
        case .number: [TargetNeed(name: "the number") { $0.number != nil }]
        case .survival: [TargetNeed(name: "the event") { $0.survival?.isEvent == true }]
        }
    }
}

extension TargetNeed {
    /// The same of one of several targets.
    fileprivate func of(_ place: Int, named target: String) -> TargetNeed {
        TargetNeed(name: "\(name) of \(target)") { $0.part(place).map(isMet) ?? false }
    }

    /// What slides are counted by, each under its own name.
    public static func groups(_ kind: Target.Kind, classes: [String]) -> [TargetNeed] {
        switch kind {
        case .class, .ordinal:
            zip(classes, all(kind, classes: classes)).map { TargetNeed(name: $0, isMet: $1.isMet) }
        case .labels:
            classes.enumerated().map { place, name in TargetNeed(name: name) { $0.labels?[place] == true } }
        case .number: classes.map { name in TargetNeed(name: name) { $0.number != nil } }
        case .survival:
            [true, false].map { isEvent in
                TargetNeed(name: isEvent ? "event" : "censored") { $0.survival?.isEvent == isEvent }
            }
        }
    }
}

extension Cohort {
    /// What every part that is trained on must have.
    public var needs: [TargetNeed] {
        guard let targets else { return TargetNeed.all(kind, classes: classes) }
        return targets.enumerated().flatMap { place, question in
            TargetNeed.all(question.kind, classes: question.classes).map { $0.of(place, named: question.name) }
        }
    }

    /// What slides are counted by, each under its own name.
    public var groups: [TargetNeed] {
        guard let targets else { return TargetNeed.groups(kind, classes: classes) }
        return targets.enumerated().flatMap { place, question in
            TargetNeed.groups(question.kind, classes: question.classes).map { $0.of(place, named: question.name) }
        }
    }

    /// Those that strata do not see to: the classes of a single target are strata themselves.
    var strataNeeds: [TargetNeed] { targets == nil && (kind == .class || kind == .ordinal) ? [] : needs }

    /// How many cases have it.
    func cases(_ need: TargetNeed) -> Int {
        Set(slides.lazy.filter { need.isMet($0.target) }.map(\.caseID)).count
    }
}

extension Target.Kind {
    /// What helps where too few cases have something.
    var wayOut: String {
        switch self {
        case .class, .ordinal: "add cases of this class or leave it out"
        case .labels: "add such cases or leave the label out"
        case .number, .survival: "add such cases"
        }
    }
}
