import Foundation
import Messages
import Records

/// What a fold's model loses at test time without one of the branches that it averages. Branches of different folds have nothing in
/// common but their places.
public struct BranchImportance: Codable, Equatable, Sendable {
    public var fold: Int
    public var branch: Int
    /// Slides that the fold tested.
    public var slides: Int
    /// AUC of the whole model less that without the branch; of more than two classes the mean of each against the others.
    public var lessAUC: Estimate
    /// Gain of the whole model's map less that of the map of the other branches, slide by slide.
    public var lessGain: Estimate

    enum CodingKeys: String, CodingKey {
        case fold, branch, slides
        case lessAUC = "auc_loss"
        case lessGain = "gain_loss"
    }

    /// - Parameters:
    ///   - cases: of each slide.
    ///   - labels: of the slides of which a class is known.
    /// - Returns: nil where no slide tells of branches.
    static func all(
        _ slides: [SlideFaithfulness],
        _ cases: [String],
        _ labels: [SlideID: Int],
        _ bootstrap: Bootstrap
    ) -> [BranchImportance]? {
        let told = zip(slides, cases).flatMap { slide, caseID in
            slide.measured.branches.map { Told(caseID: caseID, label: labels[slide.slide], slide: slide.slide, $0) }
        }
        guard !told.isEmpty else { return nil }
        let byFold = Dictionary(grouping: told, by: \.masked.fold).sorted { $0.key < $1.key }
        return byFold.flatMap { fold, told in
            let whole = told.filter { $0.masked.branch == nil }
            let branches = Set(told.compactMap(\.masked.branch)).sorted()
            return branches.compactMap { branch -> BranchImportance? in
                let without = Dictionary(
                    told.filter { $0.masked.branch == branch }.map { ($0.slide, $0) },
                    uniquingKeysWith: { first, _ in first }
                )
                let pairs = whole.compactMap { one in without[one.slide].map { (whole: one, without: $0) } }
                guard !pairs.isEmpty else { return nil }
                return BranchImportance(fold, branch, pairs, bootstrap)
            }
        }
    }

    private struct Told {
        var caseID: String
        var label: Int?
        var slide: SlideID
        var masked: DeletionMeasurement.Masked

        init(caseID: String, label: Int?, slide: SlideID, _ masked: DeletionMeasurement.Masked) {
            (self.caseID, self.label, self.slide, self.masked) = (caseID, label, slide, masked)
        }
    }

    private init(_ fold: Int, _ branch: Int, _ pairs: [(whole: Told, without: Told)], _ bootstrap: Bootstrap) {
        (self.fold, self.branch, slides) = (fold, branch, pairs.count)
        let gains = pairs.map { Optional($0.whole.masked.gain - $0.without.masked.gain) }
        let (whole, without) = (ClassAreas(pairs.map(\.whole)), ClassAreas(pairs.map(\.without)))
        let figures = bootstrap.estimates(
            cases: pairs.map(\.whole.caseID),
            undefined: ["the fold's test part has no two classes with a label", "no slide has it"]
        ) { weights in
            let areas = whole?.mean(weights).flatMap { all in without?.mean(weights).map { all - $0 } }
            return [areas, FaithfulnessSummary.mean(gains, weights)]
        }
        (lessAUC, lessGain) = (figures[0], figures[1])
    }

    /// The AUC of each class against the others.
    private struct ClassAreas {
        let ranked: [RankedScores]

        /// nil where a slide has no label or no probabilities.
        init?(_ told: [Told]) {
            let known = told.compactMap { one in
                one.label.flatMap { label in one.masked.probabilities.map { (label, $0) } }
            }
            guard known.count == told.count, let classes = known.first?.1.count, classes > 1 else { return nil }
            // Of two classes one tells of both.
            ranked = (classes == 2 ? [1] : Array(0..<classes)).map { place in
                RankedScores(known.map { $0.1[place] }, positive: known.map { $0.0 == place })
            }
        }

        /// nil where no class can be told from the others.
        func mean(_ weights: [Int]) -> Double? {
            let areas = ranked.compactMap { $0.auc(weights) }
            return areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)
        }
    }
}
