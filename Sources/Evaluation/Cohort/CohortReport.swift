public import Records

/// What `wsi cohort` finds: `cohort.json`.
public struct CohortReport: Codable, Equatable, Sendable {
    /// A column that was not looked at.
    public struct Skipped: Codable, Equatable, Sendable {
        public var name: String
        public var reason: String

        public init(name: String, reason: String) { (self.name, self.reason) = (name, reason) }
    }

    /// One place on a map.
    public struct Place: Codable, Equatable, Sendable {
        public var slide: SlideID
        /// Of a patch its row in the slide's feature file; nil for a slide.
        public var row: Int?
        /// On the components.
        public var components: [Double]
        /// On the neighbour embedding; nil where there is none.
        public var neighbours: [Double]?
        public var cluster: Int?

        public init(slide: SlideID, row: Int?, components: [Double], neighbours: [Double]?, cluster: Int?) {
            (self.slide, self.row, self.components) = (slide, row, components)
            (self.neighbours, self.cluster) = (neighbours, cluster)
        }
    }

    /// A group of patches that look alike to the encoder.
    public struct Cluster: Codable, Equatable, Sendable {
        public var cluster: Int
        /// Among those that were drawn.
        public var patches: Int
        public var slides: Int
        /// Nearest to its middle.
        public var examples: [Example]

        public struct Example: Codable, Equatable, Sendable {
            public var slide: SlideID
            public var row: Int

            public init(slide: SlideID, row: Int) { (self.slide, self.row) = (slide, row) }
        }

        public init(cluster: Int, patches: Int, slides: Int, examples: [Example]) {
            (self.cluster, self.patches, self.slides, self.examples) = (cluster, patches, slides, examples)
        }
    }

    public var name: String
    public var slides: Int
    public var cases: Int
    /// D.
    public var width: Int
    /// Slides that the tests look at.
    public var testedSlides = 0
    public var permutations = 0
    public var level = CohortJudge.level
    /// Names of columns that are shortcuts, and facts that give the label away.
    public var named: [String] = []
    /// How well features tell the label.
    public var label: PermutationTest?
    public var columns: [ColumnFinding] = []
    public var leaks: [LeakFinding] = []
    public var skipped: [Skipped] = []
    /// Pairs of slides that are nearly the same, at most `NearDuplicates.most`.
    public var duplicates: [NearDuplicates.Pair] = []
    /// All such pairs, listed or not, and of them those that stand in different parts of a fold.
    public var duplicatePairs = 0
    public var leakingPairs = 0
    /// Of each training that is whole.
    public var subgroups: [SubgroupFigures] = []
    public var clusters: [Cluster] = []
    /// Of the maps' components the shares of the variance.
    public var slideShares: [Double] = []
    public var patchShares: [Double] = []
    public var notes: [String] = []

    public init(name: String, slides: Int, cases: Int, width: Int) {
        (self.name, self.slides, self.cases, self.width) = (name, slides, cases, width)
    }

    public mutating func take(_ findings: CohortJudge.Findings) {
        (label, columns, leaks) = (findings.label, findings.columns, findings.leaks)
        (testedSlides, permutations) = (findings.slides, findings.permutations)
        named = columns.filter { $0.verdict == .shortcut }.map(\.name) + leaks.filter(\.isTold).map(\.name)
    }

    /// With a note where not all slides were measured, or not all pairs are listed.
    public mutating func take(_ found: NearDuplicates) {
        (duplicates, duplicatePairs, leakingPairs) = (found.pairs, found.count, found.leaking)
        if found.median == nil, slides > 1 {
            notes.append(
                "distances of slides are measured up to \(NearDuplicates.mostMeasured) slides; of these \(slides) only pairs with the "
                    + "very same features are found"
            )
        }
        if found.count > found.pairs.count {
            notes.append(
                "\(found.pairs.count) of \(found.count) pairs of slides that are nearly the same are listed: those in different parts "
                    + "of a fold first"
            )
        }
    }

    enum CodingKeys: String, CodingKey {
        case name, slides, cases, width, permutations, level, named, label, columns, leaks, skipped, duplicates
        case subgroups, clusters, notes
        case testedSlides = "tested_slides"
        case duplicatePairs = "duplicate_pairs"
        case leakingPairs = "leaking_pairs"
        case slideShares = "slide_components"
        case patchShares = "patch_components"
    }
}
