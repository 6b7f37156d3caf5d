public import Config
public import Records

/// `wsi-compute faithfulness`: what a training's models say of slides while patches leave their bags, in the order of their maps and in
/// random ones. It says each slide as it ends.
public struct FaithfulnessRequest: ComputeQuestion, Equatable {
    public typealias Word = FaithfulnessEnd
    public typealias Answer = Done

    public static let verb = ComputeVerb.faithfulness

    public struct Item: Codable, Equatable, Sendable {
        public var slide: SlideID
        /// The slide's feature file.
        public var features: String
        /// The slide's prediction, which has the maps.
        public var prediction: String
        /// The folds that tested the slide.
        public var folds: [Int]
        /// Of survival: whether the risk is below the median of what its folds' models say of the slides that they tested. Such a risk is
        /// followed the other way round.
        public var isBelow: Bool

        public init(slide: SlideID, features: String, prediction: String, folds: [Int], isBelow: Bool = false) {
            (self.slide, self.features, self.prediction) = (slide, features, prediction)
            (self.folds, self.isBelow) = (folds, isBelow)
        }
    }

    /// `JOB/training/<name>`, which holds the folders `fold_K`.
    public var model: String
    public var items: [Item]
    public var device: ComputeDevice
    public var threads: Int

    public init(model: String, items: [Item], device: ComputeDevice = .cpu, threads: Int = 1) {
        (self.model, self.items, self.device, self.threads) = (model, items, device, threads)
    }
}

/// How the measurement of a slide ended; it is said at once, and nothing of it is said again.
public struct FaithfulnessEnd: Codable, Equatable, Sendable {
    public enum Way: Codable, Equatable, Sendable {
        case measured(DeletionMeasurement)
        /// It could not be used.
        case failed(Failure)
    }

    public var slide: SlideID
    public var way: Way

    public init(_ slide: SlideID, _ way: Way) { (self.slide, self.way) = (slide, way) }
}

/// The score of what is left of a bag while patches leave it.
public struct DeletionCurve: Codable, Equatable, Sendable {
    /// Share of the bag's patches that is gone, rising from 0; never all of them.
    public var removed: [Double]
    /// Of the patches that are left then.
    public var scores: [Double]

    public init(removed: [Double], scores: [Double]) { (self.removed, self.scores) = (removed, scores) }
}

/// What patches of a map do to a model's answer when they leave the bag.
public struct DeletionMeasurement: Codable, Equatable, Sendable {
    /// Of one map: once its highest patches leave first, once its lowest.
    public struct Curves: Codable, Equatable, Sendable {
        public var most: DeletionCurve
        public var least: DeletionCurve
        /// The area under `least` less that under `most`: symmetric relevance gain.
        public var gain: Double

        public init(most: DeletionCurve, least: DeletionCurve, gain: Double) {
            (self.most, self.least, self.gain) = (most, least, gain)
        }
    }

    /// Patches leave one by one, or region by region.
    public struct Deletion: Codable, Equatable, Sendable {
        /// By the name of the map: `attention` for the one map, else an explanation's.
        public var maps: [String: Curves]
        /// The same gain of each random order.
        public var randomGains: [Double]
        /// The mean curve of these orders; nil without any.
        public var random: DeletionCurve?

        public init(maps: [String: Curves], randomGains: [Double], random: DeletionCurve?) {
            (self.maps, self.randomGains, self.random) = (maps, randomGains, random)
        }

        enum CodingKeys: String, CodingKey {
            case maps, random
            case randomGains = "random_gains"
        }
    }

    /// The fewest of a map's highest patches that alone are called as the bag is; without running sums about so many, which were sought by
    /// halves.
    public struct Sufficient: Codable, Equatable, Sendable {
        public var patches: Int
        /// Corners of the first of them in level-0 pixels, at most `listed`.
        public var places: [PixelPoint]

        public static let listed = 50

        public init(patches: Int, places: [PixelPoint]) { (self.patches, self.places) = (patches, places) }
    }

    /// What is left of a fold's model when one of its branches is masked.
    public struct Masked: Codable, Equatable, Sendable {
        public var fold: Int
        /// Place of the branch; nil: none is masked.
        public var branch: Int?
        /// Where a class is asked.
        public var probabilities: [Double]?
        /// Of the map of the branches that are left, by patch.
        public var gain: Double

        public init(fold: Int, branch: Int?, probabilities: [Double]?, gain: Double) {
            (self.fold, self.branch, self.probabilities, self.gain) = (fold, branch, probabilities, gain)
        }
    }

    /// Of the bag.
    public var patches: Int
    /// What is followed, in words.
    public var score: String
    /// Whether running sums made the curves, which are exact; else the model was run on what is left, in fewer steps and orders.
    public var hasRunningSums: Bool
    public var byPatch: Deletion
    /// nil where patches have no places, and where the model was run on what is left.
    public var byRegion: Deletion?
    /// By the name of the map; empty where no class is asked.
    public var sufficient: [String: Sufficient] = [:]
    /// Rank correlation of each map with that of the same model with random weights; none of a map without order.
    public var randomWeights: [String: Double] = [:]
    /// Of models with branches that are averaged; empty for others.
    public var branches: [Masked] = []

    public init(patches: Int, score: String, hasRunningSums: Bool, byPatch: Deletion, byRegion: Deletion?) {
        (self.patches, self.score, self.hasRunningSums) = (patches, score, hasRunningSums)
        (self.byPatch, self.byRegion) = (byPatch, byRegion)
    }

    enum CodingKeys: String, CodingKey {
        case patches, score, sufficient, branches
        case hasRunningSums = "running_sums"
        case byPatch = "by_patch"
        case byRegion = "by_region"
        case randomWeights = "random_weights"
    }
}
