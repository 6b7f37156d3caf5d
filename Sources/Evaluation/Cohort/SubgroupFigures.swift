public import Config
public import Foundation
public import Records

/// A training's headline figure among the slides of each group of a column.
public struct SubgroupFigures: Codable, Equatable, Sendable {
    public struct Group: Codable, Equatable, Sendable {
        public var column: String
        public var name: String
        public var slides: Int
        public var cases: Int
        public var figure: Estimate
        /// The figure less that of the column's other groups together. Its interval is of all groups that are compared together:
        /// where none differs, at most 5 in 100 tables have an interval without 0 (Bonferroni's adjustment).
        public var difference: Estimate
        /// Whether the whole interval of the difference is on the worse side of 0.
        public var isWorse: Bool

        enum CodingKeys: String, CodingKey {
            case column, name, slides, cases, figure, difference
            case isWorse = "is_worse"
        }
    }

    /// A group of fewer is not compared, and not named as the worst.
    public static let fewestCases = 5

    /// The training's name.
    public var training: String
    /// By its key.
    public var metric: String
    /// For readers.
    public var title: String
    public var all: Estimate
    public var groups: [Group]

    /// Of the groups that are not too small the one with the worst figure that has an interval; nil where none has one.
    public var worst: Group? {
        let isHigher = Metric(rawValue: metric)?.direction != .lower
        let named = groups.filter { group in
            group.figure.value != nil && group.figure.interval != nil && group.cases >= Self.fewestCases
        }
        return named.min { one, other in
            let (left, right) = (one.figure.value ?? 0, other.figure.value ?? 0)
            return isHigher ? left < right : left > right
        }
    }

    enum CodingKeys: String, CodingKey { case training, metric, title, all, groups, worst }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(training, forKey: .training)
        try container.encode(metric, forKey: .metric)
        try container.encode(title, forKey: .title)
        try container.encode(all, forKey: .all)
        try container.encode(groups, forKey: .groups)
        try container.encode(worst, forKey: .worst)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        training = try container.decode(String.self, forKey: .training)
        metric = try container.decode(String.self, forKey: .metric)
        title = try container.decode(String.self, forKey: .title)
        all = try container.decode(Estimate.self, forKey: .all)
        groups = try container.decode([Group].self, forKey: .groups)
    }
}

extension SubgroupFigures {
    /// - Parameters:
    ///   - model: `JOB/training/<name>`, which holds the folders `fold_K`.
    ///   - columns: by name, of each bag its group.
    ///   - seed: of the bootstrap, which resamples cases.
    /// - Throws: errors of predictions that cannot be used.
    public init(
        model: URL,
        folds: [Int],
        columns: [(name: String, groups: [SlideID: String])],
        evaluation: EvaluationConfig,
        seed: UInt64
    ) throws {
        let trained = try TrainedFolds(model: model.path, folds: folds)
        let context = trained.context(evaluation, seed: seed)
        let tested = trained.folds.flatMap { fold in
            zip(fold.predictions.part("test").map(\.slide), fold.test).map { (slide: $0, judged: $1) }
        }
        self.init(training: trained.folds.first?.card.name ?? "", tested, classes: trained.classes, columns, context)
    }

    /// - Parameters:
    ///   - tested: bags with what the model says of them.
    ///   - classes: their names, in label order, or the labels'.
    init(
        training: String,
        _ tested: [(slide: SlideID, judged: Judged)],
        classes: [String],
        _ columns: [(name: String, groups: [SlideID: String])],
        _ context: MetricContext
    ) {
        let whole = MetricReport(tested.map(\.judged), classes: classes, context)
        let (main, all) = whole.headline
        self.training = training
        (metric, title, self.all) = (main.key, main.title, all)
        let parts = columns.flatMap { column in
            let known = tested.compactMap { bag in column.groups[bag.slide].map { (group: $0, judged: bag.judged) } }
            return Set(known.map(\.group)).sorted().map { name in
                GroupPart(
                    column: column.name,
                    name: name,
                    own: known.filter { $0.group == name }.map(\.judged),
                    others: known.filter { $0.group != name }.map(\.judged)
                )
            }
        }
        let compared = parts.count(where: \.isCompared)
        groups = parts.map { part in
            let report = MetricReport(part.own, classes: classes, context)
            let difference = part.difference(of: main, classes: classes, among: compared, context)
            return Group(
                column: part.column,
                name: part.name,
                slides: report.slides,
                cases: report.cases,
                figure: report[main] ?? Estimate(reason: "not defined"),
                difference: difference,
                isWorse: Self.isWorse(difference, main)
            )
        }
    }

    private static func isWorse(_ difference: Estimate, _ metric: Metric) -> Bool {
        guard let interval = difference.interval, interval.count == 2 else { return false }
        return metric.direction == .higher ? interval[1] < 0 : interval[0] > 0
    }
}

/// The bags of one group of a column beside those of its other groups.
private struct GroupPart {
    var column: String
    var name: String
    var own: [Judged]
    var others: [Judged]

    /// Whether both sides have enough cases.
    var isCompared: Bool {
        [own, others].allSatisfy { Set($0.map(\.caseID)).count >= SubgroupFigures.fewestCases }
    }

    /// Both sides are resampled by the same cases: a case may have bags in both.
    /// - Parameter among: how many groups are compared, which share the level.
    func difference(of metric: Metric, classes: [String], among: Int, _ context: MetricContext) -> Estimate {
        guard isCompared else {
            return Estimate(
                reason: "fewer than \(SubgroupFigures.fewestCases) cases are of the group, or of the others"
            )
        }
        let slots = MetricSlot.all(context.target, classes: classes.count, times: context.survival.times)
        guard let slot = slots.first(where: { $0.metric == metric && [.whole, .asTrained].contains($0.part) }) else {
            return Estimate(reason: "not defined")
        }
        let sides = [own, others].map { MetricSample($0, classes: classes, context) }
        // Each tail of the interval is of a few resamples at least.
        let wanted = context.evaluation.bootstrap
        let bootstrap = Bootstrap(
            resamples: wanted > 0 ? max(wanted, 100 * among) : 0,
            confidence: 1 - 0.05 / Double(max(1, among)),
            seed: context.seed,
            purpose: "subgroups"
        )
        let cases = (own + others).map(\.caseID)
        return bootstrap.estimate(cases: cases, undefined: "not defined of the group, or of the others") { weights in
            let values = zip(sides, [weights.prefix(own.count), weights.dropFirst(own.count)]).map { side, weights in
                slot.value(of: side.weighted(Array(weights)))
            }
            guard let left = values[0], let right = values[1] else { return nil }
            return left - right
        }
    }
}
