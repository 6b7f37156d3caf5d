import Records

/// What a summary says of the ensemble of a training's seeds.
public struct SeedEnsemble: Codable, Equatable, Sendable {
    /// The models of a seed that took part.
    public struct Model: Codable, Equatable, Sendable {
        public var seed: UInt64
        public var folds: [Int]
    }

    /// A model that the config asks for and that did not take part; its seed did not, then.
    public struct Missing: Codable, Equatable, Sendable {
        public var seed: UInt64
        public var fold: Int
        public var reason: String

        public init(seed: UInt64, fold: Int, reason: String) {
            (self.seed, self.fold, self.reason) = (seed, fold, reason)
        }
    }

    public var models: [Model]
    public var missing: [Missing]
    /// The averaged figures with intervals that tell of the choice of seeds too: cases are resampled, and seeds with replacement, whose
    /// answers are averaged anew.
    public var overCasesAndSeeds: MetricFigures

    enum CodingKeys: String, CodingKey {
        case models, missing
        case overCasesAndSeeds = "over_cases_and_seeds"
    }

    /// - Parameter context: what the averaged figures are made with.
    init(_ runs: [(seed: UInt64, trained: TrainedFolds)], missing: [Missing], _ context: MetricContext) {
        models = runs.map { Model(seed: $0.seed, folds: $0.trained.folds.map(\.card.fold)) }
        self.missing = missing
        overCasesAndSeeds = Self.twoLevel(runs.map(\.trained), context)
    }

    private static func twoLevel(_ runs: [TrainedFolds], _ context: MetricContext) -> MetricFigures {
        let classes = runs.first?.classes ?? []
        let slots = MetricSlot.all(context.target, classes: classes.count, times: []).filter { slot in
            slot.hasInterval && [.whole, .asTrained].contains(slot.part)
        }
        let own = TestedSlide.averaged(runs).map(\.judged)
        let whole = MetricSample(own, classes: classes, context)
        // Which seeds are drawn how often: few different draws are many resamples.
        var samples: [[Int]: MetricSample] = [:]
        var random = CounterRandom(seed: context.seed, "bootstrap of seeds")
        func drawn() -> MetricSample {
            let seeds = runs.map { _ in random.index(below: runs.count) }.sorted()
            if let known = samples[seeds] { return known }
            let judged = TestedSlide.averaged(seeds.map { runs[$0] }).map(\.judged)
            let made = MetricSample(judged, classes: classes, context)
            samples[seeds] = made
            return made
        }
        let estimates = Bootstrap(context.evaluation, seed: context.seed).estimates(
            cases: own.map(\.caseID),
            undefined: slots.map(whole.reason),
            whole: { weights in slots.map { $0.value(of: whole.weighted(weights)) } },
            resample: { weights in
                let sample = drawn().weighted(weights)
                return slots.map { $0.value(of: sample) }
            }
        )
        return MetricFigures(
            Dictionary(uniqueKeysWithValues: zip(slots.map(\.metric), estimates.map(\.overSeedsToo)))
        )
    }
}

extension Estimate {
    fileprivate var overSeedsToo: Estimate {
        var estimate = self
        if estimate.method != nil { estimate.method = .bootstrapOverSeeds }
        return estimate
    }
}
