public import Records

/// What one bag is trained towards, in terms of the numbers that a model gives for it.
public enum Aim {
    case `class`(Int)
    /// As `Readout.ordinal` has it.
    case ordinal(Int)
    /// Of each output what a yes and what a no weigh; both 0 where the truth is not known.
    case answers([Readout.LabelWeights])
    /// One output, centred and scaled; where errors begin to count by their size (Huber), nil: never.
    case number(Double, huber: Double?)
    /// One output, a log relative hazard, compared with those of other bags.
    case risk(RiskTurn)
    /// Of a bag that is put together from several: what each is trained towards, and its share.
    case mixed([(aim: Aim, share: Double)])
    /// Of several targets those that are known.
    case several([Part])

    /// One of several targets.
    public struct Part {
        /// Which of the outputs are its own.
        var columns: Range<Int>
        var aim: Aim
        /// What its loss is multiplied with.
        var weight: Double

        /// Whether it is one of Cox's loss.
        var isRisk: Bool { if case .risk = aim { true } else { false } }
    }

    /// What Cox's loss asks of it alone.
    var risks: Aim { if case .several(let parts) = self { .several(parts.filter(\.isRisk)) } else { self } }

    /// Whether nothing can be learned by it.
    var isEmpty: Bool { if case .several(let parts) = self { parts.isEmpty } else { false } }

    /// Index of the class, where a class is asked.
    var label: Int? { if case .class(let label) = self { label } else { nil } }
}

extension Readout {
    /// nil for a target of another kind.
    /// - Parameter turns: of Cox's loss, by the place of each target in `parts`.
    func aim(at target: Target, turns: [Int: RiskTurn] = [:]) -> Aim? {
        switch (self, target) {
        case (Readout.several(let parts), Target.several(let targets)):
            .several(
                zip(zip(parts, columns), targets).enumerated().compactMap { place, asked in
                    let ((part, columns), target) = asked
                    // Its own turn is the first of those that it has.
                    let turn = turns[place].map { [0: $0] } ?? [:]
                    return target.flatMap { target in
                        part.readout.aim(at: target, turns: turn).map {
                            Aim.Part(columns: columns, aim: $0, weight: part.weight * part.factor(of: target))
                        }
                    }
                }
            )
        case (Readout.class, Target.class(let label)): .class(label)
        case (Readout.ordinal, Target.ordinal(let grade)): .ordinal(grade)
        case (Readout.labels(let weights), Target.labels(let labels)): .answers(Self.answers(labels, weights))
        case (Readout.number(let scale), Target.number(let number)):
            .number((number - scale.mean) / scale.sd, huber: scale.huber)
        case (Readout.hazards(let hazards), Target.survival(let survival)): .answers(hazards.answers(of: survival))
        case (Readout.risk, Target.survival): turns[0].map { .risk($0) }
        default: nil
        }
    }
}

extension Readout {
    /// Places in `parts` of what Cox's loss compares.
    var riskPlaces: [Int] { parts.indices.filter { if case .risk = parts[$0].readout { true } else { false } } }
}

extension Readout.Part {
    /// By the class that a target is of.
    fileprivate func factor(of target: Target) -> Double {
        guard let factors, let label = target.label ?? target.grade else { return 1 }
        return factors[label]
    }
}

extension Readout {
    /// The mean over those that are known.
    private static func answers(_ labels: [Bool?], _ weights: [LabelWeights]) -> [LabelWeights] {
        let known = Double(max(1, labels.count { $0 != nil }))
        return zip(weights, labels).map { weights, label in
            LabelWeights(yes: label == true ? weights.yes / known : 0, no: label == false ? weights.no / known : 0)
        }
    }
}

extension Readout.Hazards {
    /// The likelihood as questions of yes and no: no event in each interval that was lived through, and the event in its own. A
    /// censored time counts its interval as lived through (Zadeh and Schmid, IEEE TPAMI 2021; MCAT, ICCV 2021).
    func answers(of survival: SurvivalTime) -> [Readout.LabelWeights] {
        let own = interval(of: survival.time)
        return (0...edges.count).map { interval in
            if survival.isEvent {
                Readout.LabelWeights(yes: interval == own ? 1 : 0, no: interval < own ? 1 : 0)
            } else {
                Readout.LabelWeights(yes: 0, no: interval <= own ? 1 - alpha : 0)
            }
        }
    }
}
