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
        /// Whether the whole interval is on the worse side of the figure of all slides.
        public var isWorse: Bool

        enum CodingKeys: String, CodingKey {
            case column, name, slides, cases, figure
            case isWorse = "is_worse"
        }
    }

    /// The training's name.
    public var training: String
    /// By its key.
    public var metric: String
    /// For readers.
    public var title: String
    public var all: Estimate
    public var groups: [Group]

    /// The group with the worst figure; nil where none has one.
    public var worst: Group? {
        let isHigher = Metric(rawValue: metric)?.direction != .lower
        return groups.filter { $0.figure.value != nil }.min { one, other in
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
        let whole = MetricReport(tested.map(\.judged), classes: trained.classes, context)
        let (main, all) = whole.headline
        training = trained.folds.first?.card.name ?? ""
        (metric, title, self.all) = (main.key, main.title, all)
        groups = columns.flatMap { column in
            let named = Dictionary(grouping: tested.filter { column.groups[$0.slide] != nil }) {
                column.groups[$0.slide] ?? ""
            }
            return named.sorted { $0.key < $1.key }.map { name, own in
                let report = MetricReport(own.map(\.judged), classes: trained.classes, context)
                let figure = report[main] ?? Estimate(reason: "not defined")
                return Group(
                    column: column.name,
                    name: name,
                    slides: report.slides,
                    cases: report.cases,
                    figure: figure,
                    isWorse: Self.isWorse(figure, than: all, main)
                )
            }
        }
    }

    private static func isWorse(_ figure: Estimate, than all: Estimate, _ metric: Metric) -> Bool {
        guard let interval = figure.interval, interval.count == 2, let value = all.value else { return false }
        return metric.direction == .higher ? interval[1] < value : interval[0] > value
    }
}
