import Records

/// What outputs of a regression mean for a kind of target.
struct BaselineTarget {
    let kind: Target.Kind
    /// As `Cohort.classes`.
    let classes: Int

    /// Whether the target is there: of several some may not be known.
    func isKnown(_ target: Target) -> Bool {
        switch kind {
        case .class: target.label != nil
        case .ordinal: target.grade != nil
        case .labels: target.labels != nil
        case .number: target.number != nil
        case .survival: target.survival != nil
        }
    }

    /// Of bags whose targets are known; nil where they cannot tell good outputs from bad ones.
    func loss(_ targets: [Target]) -> (any RowLoss)? {
        guard !targets.isEmpty else { return nil }
        switch kind {
        case .class where classes == 2: return LogisticLoss(truth: [targets.map { $0.label == 1 }])
        case .class: return SoftmaxLoss(labels: targets.map { $0.label ?? 0 }, outputs: classes)
        // Each "above this grade" by itself (Frank and Hall, ECML 2001).
        case .ordinal:
            return LogisticLoss(truth: (1..<max(2, classes)).map { grade in targets.map { ($0.grade ?? 0) >= grade } })
        case .labels:
            return LogisticLoss(truth: (0..<classes).map { place in targets.map { $0.labels?[place] } })
        case .number: return SquaredLoss(numbers: targets.map { $0.number ?? 0 })
        case .survival:
            let times = targets.compactMap(\.survival)
            guard times.contains(where: \.isEvent) else { return nil }
            return CoxLoss(FollowUp(times: times.map(\.time), events: times.map(\.isEvent)))
        }
    }

    /// - Parameter scores: `[outputs][rows]`.
    func answers(_ scores: [[Double]], _ survival: (Double) -> SurvivalAnswer) -> [Answer] {
        let rows = (scores.first ?? []).indices
        switch kind {
        case .class where classes == 2:
            return rows.map { row in
                let chance = LogisticLoss.chance(scores[0][row])
                return .class(ClassAnswer([1 - chance, chance]))
            }
        case .class:
            let chances = SoftmaxLoss.chances(scores)
            return rows.map { row in .class(ClassAnswer(chances.map { $0[row] })) }
        case .ordinal:
            return rows.map { row in .ordinal(OrdinalAnswer(Self.grades(scores.map { LogisticLoss.chance($0[row]) }))) }
        case .labels: return rows.map { row in .labels(LabelsAnswer(scores.map { LogisticLoss.chance($0[row]) })) }
        case .number: return rows.map { .number(NumberAnswer(scores[0][$0])) }
        case .survival: return rows.map { .survival(survival(scores[0][$0])) }
        }
    }

    /// Of each grade, from the probabilities of being above each but the last; these fall, whatever was fitted.
    private static func grades(_ above: [Double]) -> [Double] {
        var (before, grades) = (1.0, [Double]())
        for chance in above {
            let falling = min(before, chance)
            grades.append(before - falling)
            before = falling
        }
        return grades + [before]
    }

    /// What the nearest training bag says.
    /// - Parameter nearest: the target of the nearest one that fits.
    func answer(_ nearest: ((Target) -> Bool) -> Target?) -> Answer? {
        func certain(_ label: Int?) -> [Double] { (0..<classes).map { $0 == label ? 1 : 0 } }
        switch kind {
        case .class: return nearest { _ in true }.map { .class(ClassAnswer(certain($0.label))) }
        case .ordinal: return nearest { _ in true }.map { .ordinal(OrdinalAnswer(certain($0.grade))) }
        case .labels:
            // Of each label the nearest of which it is known.
            let known = (0..<classes).map { place in
                nearest { $0.labels?[place] != nil }?.labels?[place].map { $0 ? 1.0 : 0 } ?? 0.5
            }
            return .labels(LabelsAnswer(known))
        case .number: return nearest { _ in true }?.number.map { .number(NumberAnswer($0)) }
        case .survival:
            // The nearest with the event: of a censored one the end is not known.
            let time = nearest { $0.survival?.isEvent == true }?.survival?.time
            return time.map { .survival(SurvivalAnswer(risk: -$0, times: [], survival: [])) }
        }
    }
}
