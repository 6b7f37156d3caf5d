import Config
import Records

/// The bags of each epoch, as places in the training part: a function of seed, fold and epoch alone.
struct BagOrder {
    private let epochs: (Int) -> [Int]

    func callAsFunction(_ epoch: Int) -> [Int] { epochs(epoch) }

    /// A given order for every epoch, such as a recorded one.
    init(recorded: [[Int]]) { epochs = { recorded[$0] } }

    init(_ sampling: TrainingConfig.Sampling, of training: [CohortSlide], seed: UInt64, fold: Int) {
        let count = training.count
        switch sampling {
        case .shuffle:
            epochs = { CounterDraws(seed: seed, fold: fold, epoch: $0).permutation("order", count) }
        case .balanced:
            let strata = TargetStrata.of(training.map(\.target))
            let byLabel = Dictionary(grouping: training.indices, by: { strata[$0] })
            let places = byLabel.sorted { $0.key < $1.key }.map(\.value)
            epochs = { epoch in
                var random = CounterRandom(seed: seed, "fold \(fold) epoch \(epoch)", "balanced order")
                return (0..<count).map { _ in
                    let members = places[random.index(below: places.count)]
                    return members[random.index(below: members.count)]
                }
            }
        }
    }
}

extension TrainingConfig.ClassWeights {
    /// One factor per class; none where targets have no class.
    /// - Throws: `ConfigError` where given weights are not one per class.
    func factors(for training: [CohortSlide], classes: Int) throws -> [Double] {
        switch self {
        case .none: return Array(repeating: 1, count: classes)
        case .balanced:
            let labels = training.compactMap { $0.target.label ?? $0.target.grade }
            let counts = Dictionary(grouping: labels, by: { $0 }).mapValues { Double($0.count) }
            return (0..<classes).map { label in
                counts[label].map { Double(training.count) / (Double(classes) * $0) } ?? 1
            }
        case .given(let weights):
            try ConfigError.check(
                weights.count == classes,
                "training.class_weights",
                "\(weights.count) weights are given for \(classes) classes; one for every class is wanted"
            )
            return weights
        }
    }
}
