import Config
import Files
import Foundation
import Records
import Storage

/// What the folds of a training left behind: the evidence that metrics and reports are made of.
public struct TrainedFolds {
    struct Fold {
        var card: CheckpointCard
        var predictions: FoldPredictions
        /// By column of `history.csv`, one number per epoch; nil where a cell is empty.
        var history: [(name: String, values: [Double?])]
        /// nil in trainings of earlier versions.
        var baselines: FoldBaselines?

        /// Of one group, that of the fold.
        var test: [Judged] {
            predictions.part("test").map { row in
                var judged = row.judged
                judged.group = card.fold
                return judged
            }
        }

        /// What was set aside from the training part; empty where nothing was.
        var calibration: [Judged] { predictions.part(FoldPredictions.calibration).map(\.judged) }
    }

    private(set) var folds: [Fold]
    let kind: Target.Kind
    let classes: [String]
    /// Whether a slide is tested in more than one fold, as in repeated cross-validation.
    let repeats: Bool

    /// Reads the folders `fold_K` of a training.
    /// - Parameter target: of several targets the one to be judged; nil: the first, or the only one.
    /// - Throws: `Failure` with `.leakage` where a case stands on two sides of a fold; errors of files that do not fit.
    init(model: String, folds numbers: [Int], target: String? = nil) throws {
        let training = TrainingFolder(at: URL(filePath: model, directoryHint: .isDirectory))
        folds = try numbers.sorted().map { number in
            let fold = training.fold(number)
            let whole = try CanonicalJSON.read(CheckpointCard.self, from: fold.file(.card))
            guard let card = target.map({ whole.asking($0) }) ?? whole else {
                throw MILError.checkpoint(
                    path: "\(model)/\(FoldName.text(number))",
                    reason: "it has no target \(target ?? "")"
                )
            }
            let predictions = try Self.made {
                let own = target == whole.targets?.first?.name ? nil : target
                return try FoldPredictions(folder: fold.url, target: own, kind: card.kind, classes: card.classes)
            }
            try Self.checkSides(card.fold, predictions)
            let table = try Self.made { try Table(made: fold.file(.history)) }
            let history = table.columns.map { name in (name: name, values: table.rows.map { Double($0[name]) }) }
            let plain = fold.file(.baselines)
            let isMain = target == nil || target == whole.targets?.first?.name
            let baselines =
                try isMain && RegularFile.exists(plain) ? CanonicalJSON.read(FoldBaselines.self, from: plain) : nil
            return Fold(card: card, predictions: predictions, history: history, baselines: baselines)
        }
        guard let first = folds.first?.card else {
            throw MILError.unusable(subject: model, reason: "no fold was named; train first")
        }
        if let other = folds.first(where: { $0.card.kind != first.kind || $0.card.classes != first.classes })?.card {
            throw MILError.checkpoint(
                path: "\(model)/\(FoldName.text(other.fold))",
                reason: "its classes are not those of fold \(first.fold)"
            )
        }
        (kind, classes) = (first.kind, first.classes)
        let tested = folds.flatMap { $0.predictions.part("test").map(\.slide) }
        repeats = Set(tested).count < tested.count
    }

    /// A table that a training has written is damaged where it does not fit: no table of the user's is wrong.
    private static func made<Part>(_ read: () throws -> Part) throws -> Part {
        do { return try read() } catch let error as StorageError where error.code == .table {
            throw MILError.checkpoint(path: error.subject ?? "", reason: error.message)
        }
    }

    /// The names of several targets; nil where one is asked, or one of several was read.
    var targets: [String]? { folds.first?.card.targets?.map(\.name) }

    /// The same with other tables of predictions.
    func replacing(_ rows: (Fold) -> [FoldPredictions.Row]) -> TrainedFolds {
        var trained = self
        for place in folds.indices { trained.folds[place].predictions.rows = rows(folds[place]) }
        return trained
    }

    /// Every test slide, judged by each fold that did not see it.
    var pooled: [Judged] { folds.flatMap(\.test) }

    /// The test slides of every fold, in order.
    var testedByFold: [[SlideID]] { folds.map { $0.predictions.part("test").map(\.slide).sorted() } }

    /// What figures are made with beside the test parts.
    func context(_ evaluation: EvaluationConfig, seed: UInt64) -> MetricContext {
        var context = MetricContext(evaluation, seed: seed, target: kind)
        guard kind == .survival else { return context }
        context.survival = SurvivalContext(
            folds.map { ($0.card.fold, $0.predictions.part("train"), $0.predictions.part("validation")) },
            tested: pooled,
            times: evaluation.times
        )
        return context
    }

    /// What a bag is, for readers.
    var unit: String { (folds.first?.card.unit ?? .slide).rawValue }

    /// Whether a fold was trained by the looser protocol of the papers: no evaluation makes it honest again.
    var followPapers: Bool { folds.contains { $0.card.evaluation.protocol == .paper } }

    /// Whether the test part of a fold has chosen its epoch, as that protocol lets it for some models.
    var selectOnTest: Bool { folds.contains { $0.card.evaluation.selectsOnTest($0.card.model) } }

    /// The folds in their order, cut wherever a slide would be tested again: one group for each repetition.
    var repetitions: [[Fold]] {
        var groups: [[Fold]] = []
        var tested: Set<SlideID> = []
        for fold in folds {
            let slides = fold.predictions.part("test").map(\.slide)
            if groups.isEmpty || !tested.isDisjoint(with: slides) {
                groups.append([])
                tested = []
            }
            groups[groups.count - 1].append(fold)
            tested.formUnion(slides)
        }
        return groups
    }

    /// The split is checked again where its numbers are reported.
    private static func checkSides(_ fold: Int, _ predictions: FoldPredictions) throws {
        let sides = Dictionary(grouping: predictions.rows, by: \.judged.caseID).mapValues { Set($0.map(\.part)) }
        if let leak = sides.filter({ $0.value.count > 1 }).keys.min() {
            throw Failure(.leakage, leak, "fold \(fold) has slides of this case on two sides; keep a case on one side")
        }
    }
}
