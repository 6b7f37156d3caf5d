import Config
import Evaluation
import Files
import Foundation
public import Messages
import Records
public import Storage
import Torch

/// `wsi-compute train`: trains one fold and publishes its folder.
public struct FoldTraining {
    private let request: TrainRequest
    private let source: any BagSource
    private let device: Device

    /// - Throws: `Failure` where the split leaks or does not fit the cohort; `MILError` where nothing can be trained on it.
    public init(_ request: TrainRequest, bags source: any BagSource) throws {
        try Splits.check([request.split], of: request.cohort)
        let request = request.followingProtocol()
        let classes = request.cohort.classes.count
        guard request.cohort.questions.allSatisfy({ $0.kind.isLearnable(classes: $0.classes.count) }) else {
            throw MILError.unusable(subject: "cohort", reason: "one class cannot be learned; two or more are wanted")
        }
        guard request.cohort.slides.allSatisfy({ request.cohort.fits($0.target) }) else {
            throw MILError.unusable(subject: "cohort", reason: "a slide's label is no index of a class")
        }
        for config in try request.configs { try Self.check(config, classes: classes) }
        self.request = request
        self.source = source
        device = Device(request.device)
        try NumericEngine.open(device)
    }

    /// - Parameter request: with a config that is to be trained.
    private static func check(_ request: TrainRequest, classes: Int) throws {
        let kind = request.cohort.selectionKind
        let compares = request.cohort.questions.contains { $0.kind == .survival }
        try request.training.checkSteps(of: request.model, kind: compares ? .survival : kind)
        var recipe = request.training.recipe(for: request.model, featureWidth: 0, classes: classes, kind: kind)
        if request.training.plan == .auto, request.training.selection == nil {
            recipe.selection = request.split.validation.isEmpty ? .last : .loss
        }
        if kind != .class, recipe.selection.isOfClasses {
            throw ConfigError(
                "training.selection",
                "\(recipe.selection.rawValue) looks at figures of classes, and a \(kind.rawValue) is asked; loss or last is wanted"
            )
        }
        if request.split.validation.isEmpty, recipe.selection != .last {
            throw MILError.unusable(
                subject: "fold \(request.split.fold)",
                reason:
                    "the validation part is empty, so no epoch can be chosen by it; give one, or set training.selection to last"
            )
        }
        if let fault = request.training.optionFault(for: request.model, asked: request.cohort.questions.map(\.kind)) {
            throw ConfigError("training.\(fault.key)", fault.what)
        }
    }

    /// Trains and publishes `checkpoint.safetensors`, `history.csv`, `predictions.csv`, `baselines.json` and, last, `checkpoint.json`;
    /// with a search, one of its candidates, after all have been compared.
    public func run(progress: (TrainProgress) -> Void) throws -> TrainAnswer {
        let isPlanned = try request.configs.contains { $0.training.plan == .auto }
        let facts = try isPlanned ? request.planFacts({ try source.bag($0).checked(width: $1) }) : nil
        func variant(_ request: TrainRequest) -> FoldVariant { FoldVariant(request, plannedBy: facts) }
        let folder = FoldFolder(URL(filePath: request.output, directoryHint: .isDirectory))
        guard let search = request.search else {
            let own = variant(request)
            let survey = try FoldSurvey(request, source, measured: own.standardises)
            let prepared = try PreparedFold(own, survey, source, device)
            let start = ContinuousClock.now
            let trained = try prepared.training.run(progress: progress)
            let answer = try publish(prepared, trained, survey, since: start)
            try CandidateFiles.removeAll(of: folder)
            return answer
        }
        let variants = search.candidates.map { candidate in
            let place = folder.candidate(candidate.fingerprint).url.path
            return variant(request.comparing(candidate, in: place))
        }
        let survey = try FoldSurvey(request, source, measured: variants.contains(where: \.standardises))
        let comparison = FoldComparison(search: search, variants: variants, folder: folder, width: survey.width) {
            try PreparedFold($0, survey, source, device)
        }
        let start = ContinuousClock.now
        let chosen = try comparison.run(progress: progress)
        let own = variant(request.choosing(chosen.candidate))
        let prepared = try PreparedFold(own, survey, source, device)
        let trained = ModelTraining.Trained(
            model: try prepared.training.model(
                from: StoredParameters(chosen.result.parameters, path: folder.url.path)
            ),
            result: chosen.result,
            outputs: try comparison.takeHost(of: chosen)
        )
        var answer = try publish(prepared, trained, survey, chosen.compared, since: start)
        answer.outputs += try comparison.end().map(\.path)
        return answer
    }

    private func publish(
        _ prepared: PreparedFold,
        _ trained: ModelTraining.Trained,
        _ survey: FoldSurvey,
        _ compared: ComparedCandidates? = nil,
        since start: ContinuousClock.Instant
    ) throws -> TrainAnswer {
        let (variant, recipe) = (prepared.variant, prepared.recipe)
        let request = variant.request
        let parts = [("train", survey.train), ("validation", survey.validation), ("test", survey.test)]
        let draws = TestDraws(recipe, seed: request.training.seed, fold: request.split.fold)
        let seen = try parts.map { ($0, try numbers(of: $1, by: trained.model, prepared.bags, draws)) }
        let ends = try request.cohort.questions.indices.map {
            try TargetEnd($0, prepared.readout, seen, of: request)
        }
        var card = CheckpointCard(
            of: request,
            model: prepared.config,
            ends: ends.map(\.card),
            recipe: recipe,
            featureWidth: survey.width,
            isStandardised: prepared.standardiser != nil,
            chosen: (trained.result.epoch, trained.result.score),
            empty: survey.empty
        )
        (card.training, card.plan, card.search) = (variant.given, variant.plan, compared)
        let checkpoint = Checkpoint(
            card: card,
            parameters: trained.result.parameters,
            standardiser: prepared.standardiser
        )
        let learned = ContinuousClock.now
        let baselines = request.baselines(
            train: survey.train,
            validation: survey.validation,
            test: survey.test,
            means: survey.means
        )
        let ended = ContinuousClock.now
        var answer = try publish(checkpoint, trained, ends, baselines, of: prepared.training)
        answer.learning = (learned - start) / .seconds(1)
        answer.baselines = (ended - learned) / .seconds(1)
        return answer
    }

    private func publish(
        _ checkpoint: Checkpoint,
        _ trained: ModelTraining.Trained,
        _ ends: [TargetEnd],
        _ baselines: FoldBaselines,
        of training: ModelTraining
    ) throws -> TrainAnswer {
        var checkpoint = checkpoint
        let folder = URL(filePath: request.output, directoryHint: .isDirectory)
        try AtomicFile.createFolder(folder)
        try checkpoint.writeWeights(to: folder)
        try AtomicFile.write(
            EpochRecord.table(trained.result.history),
            to: FoldFolder(folder).file(.history)
        )
        try FoldFolder(folder).removePredictions(otherThan: ends.dropFirst().map(\.card.name))
        for (place, end) in ends.enumerated() {
            try end.predictions.write(to: folder, target: place == 0 ? nil : end.card.name)
        }
        try CanonicalJSON.write(baselines, to: FoldFolder(folder).file(.baselines))
        try training.removeResumePoints()
        try checkpoint.publishCard(to: folder)
        var figures = ["epoch": Double(checkpoint.card.epoch)]
        for (place, end) in ends.enumerated() {
            for (part, report) in end.card.metrics {
                let (metric, estimate) = report.headline
                figures["\(place == 0 ? "" : "\(end.card.name)_")\(part)_\(metric.key)"] = estimate.value
            }
        }
        let files: [FoldFolder.File] = [.weights, .history, .predictions, .baselines, .card]
        let further = ends.dropFirst().map { FoldFolder(folder).predictions(of: $0.card.name) }
        return TrainAnswer(
            outputs: (trained.outputs + files.map(FoldFolder(folder).file) + further).map(\.path),
            figures: figures,
            empty: checkpoint.card.empty
        )
    }
}
