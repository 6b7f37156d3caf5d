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
    /// Slides that were taken out of the request's training part.
    private let aside: [SlideID]
    private let source: any BagSource
    private let device: Device

    /// - Throws: `Failure` where the split leaks or does not fit the cohort; `MILError` where nothing can be trained on it.
    public init(_ request: TrainRequest, bags source: any BagSource) throws {
        try Splits.check([request.split], of: request.cohort)
        let (request, aside) = try request.followingProtocol().settingAside()
        let classes = request.cohort.classes.count
        guard request.cohort.questions.allSatisfy({ $0.kind.isLearnable(classes: $0.classes.count) }) else {
            throw MILError.unusable(subject: "cohort", reason: "one class cannot be learned; two or more are wanted")
        }
        guard request.cohort.slides.allSatisfy({ request.cohort.fits($0.target) }) else {
            throw MILError.unusable(subject: "cohort", reason: "a slide's label is no index of a class")
        }
        for config in try request.configs { try Self.check(config, classes: classes) }
        (self.request, self.aside) = (request, aside)
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
        if request.split.validation.isEmpty, request.training.starts ?? 1 > 1 {
            throw MILError.unusable(
                subject: "fold \(request.split.fold)",
                reason:
                    "the validation part is empty, so that no start can be told from another; give one, or leave out training.starts"
            )
        }
        if let fault = request.training.optionFault(for: request.model, asked: request.cohort.questions.map(\.kind)) {
            throw ConfigError("training.\(fault.key)", fault.what)
        }
    }

    /// Trains and publishes `checkpoint.safetensors`, `history.csv`, `predictions.csv`, `baselines.json`, `belonging.safetensors`
    /// and, last, `checkpoint.json`; with a search, one of its candidates, after all have been compared.
    public func run(progress: (TrainProgress) -> Void) throws -> TrainAnswer {
        guard let search = request.search else { return try publish(trainedAlone(progress)) }
        let comparison = try comparison(of: search)
        let trained = try trained(comparison, progress)
        var answer = try publish(trained)
        answer.outputs += try comparison.end().map(\.path)
        return answer
    }

    /// A trained model, before anything of it but a plain host is published.
    struct Trained {
        var prepared: PreparedFold
        var model: ModelTraining.Trained
        var survey: FoldSurvey
        /// nil without a search.
        var compared: ComparedCandidates?
        /// How long it took.
        var learning: Duration
    }

    /// What the candidates of a search are compared with.
    struct Comparison {
        var comparison: FoldComparison
        var facts: PlanFacts?
        var survey: FoldSurvey
        var bags: FoldBags

        func end() throws -> [URL] { try comparison.end() }
    }

    private var folder: FoldFolder { FoldFolder(URL(filePath: request.output, directoryHint: .isDirectory)) }

    /// What plans of the fold are made of; nil where no config asks for one.
    private func facts(for requests: [TrainRequest]) throws -> PlanFacts? {
        guard requests.contains(where: { $0.training.plan == .auto }) else { return nil }
        return try request.planFacts { try source.bag($0).checked(width: $1) }
    }

    private func trainedAlone(_ progress: (TrainProgress) -> Void) throws -> Trained {
        let variant = FoldVariant(request, plannedBy: try facts(for: [request]))
        let survey = try FoldSurvey(request, aside: aside, source, measured: variant.standardises)
        let bags = FoldBags(source, for: [variant], request, on: device)
        let prepared = try PreparedFold(variant, survey, bags)
        let start = ContinuousClock.now
        let model = try prepared.training.run(progress: progress)
        return Trained(prepared: prepared, model: model, survey: survey, learning: .now - start)
    }

    /// Of all candidates of a search.
    func comparison(of search: FoldSearch) throws -> Comparison {
        let requests = search.candidates.map { request.comparing($0, in: folder.candidate($0.fingerprint).url.path) }
        let facts = try facts(for: requests)
        let variants = requests.map { FoldVariant($0, plannedBy: facts) }
        let survey = try FoldSurvey(
            request,
            aside: aside,
            source,
            measured: variants.contains(where: \.standardises)
        )
        try survey.check(search.measure, of: request)
        let bags = FoldBags(source, for: variants, request, on: device)
        let comparison = FoldComparison(search: search, variants: variants, folder: folder, width: survey.width) {
            try PreparedFold($0, survey, bags)
        }
        return Comparison(comparison: comparison, facts: facts, survey: survey, bags: bags)
    }

    /// The candidate that is chosen, with the whole split.
    func trained(_ all: Comparison, _ progress: (TrainProgress) -> Void) throws -> Trained {
        let start = ContinuousClock.now
        let chosen = try all.comparison.run(progress: progress)
        let own = FoldVariant(request.choosing(chosen.candidate), plannedBy: all.facts)
        let prepared = try PreparedFold(own, all.survey, all.bags)
        let source = StoredParameters(chosen.result.parameters, path: folder.url.path)
        let model = ModelTraining.Trained(
            model: try prepared.training.model(from: source),
            result: chosen.result,
            outputs: try all.comparison.takeHost(of: chosen)
        )
        return Trained(
            prepared: prepared,
            model: model,
            survey: all.survey,
            compared: chosen.compared,
            learning: .now - start
        )
    }

    /// Judges the model on all parts, and publishes it.
    func publish(_ trained: Trained) throws -> TrainAnswer {
        let start = ContinuousClock.now
        let (checkpoint, ends) = try judged(trained)
        let judged = ContinuousClock.now
        let survey = trained.survey
        let baselines = trained.prepared.variant.request.baselines(
            train: survey.train,
            validation: survey.validation,
            test: survey.test,
            means: survey.means
        )
        let ended = ContinuousClock.now
        let reference = try BelongingReference(
            training: survey.train.map(\.slide),
            // Where that is the test part, a tested slide would be compared with itself.
            validation: request.selectsOnTest ? [] : survey.validation.map(\.slide),
            fold: request.split.fold
        ) { try source.bag($0).checked(width: survey.width) }
        let card = try write(checkpoint, trained, ends, baselines, reference)
        var answer = answer(card, trained, ends, reference)
        answer.learning = (trained.learning + (judged - start)) / .seconds(1)
        answer.baselines = (ended - judged) / .seconds(1)
        return answer
    }

    private func judged(_ trained: Trained) throws -> (Checkpoint, [TargetEnd]) {
        let (prepared, survey, result) = (trained.prepared, trained.survey, trained.model.result)
        let (variant, recipe) = (prepared.variant, prepared.recipe)
        let request = variant.request
        var parts = [("train", survey.train), ("validation", survey.validation), ("test", survey.test)]
        if !survey.calibration.isEmpty { parts.append((FoldPredictions.calibration, survey.calibration)) }
        let draws = TestDraws(recipe, seed: request.training.seed, fold: request.split.fold)
        let seen = try parts.map { ($0, try numbers(of: $1, by: trained.model.model, prepared.bags, draws)) }
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
            chosen: (result.epoch, result.score),
            empty: survey.empty
        )
        (card.training, card.plan, card.search) = (variant.given, variant.plan, trained.compared)
        card.starts = trained.model.starts.isEmpty ? nil : trained.model.starts
        let checkpoint = Checkpoint(
            card: card,
            parameters: result.parameters,
            standardiser: prepared.standardiser,
            meanFeatures: survey.meanFeatures
        )
        return (checkpoint, ends)
    }

    /// - Returns: the card, with the digest of the weights.
    private func write(
        _ checkpoint: Checkpoint,
        _ trained: Trained,
        _ ends: [TargetEnd],
        _ baselines: FoldBaselines,
        _ reference: BelongingReference?
    ) throws -> CheckpointCard {
        var checkpoint = checkpoint
        try AtomicFile.createFolder(folder.url)
        try checkpoint.writeWeights(to: folder.url)
        try AtomicFile.write(EpochRecord.table(trained.model.result.history), to: folder.file(.history))
        try folder.removePredictions(otherThan: ends.dropFirst().map(\.card.name))
        for (place, end) in ends.enumerated() {
            try end.predictions.write(to: folder.url, target: place == 0 ? nil : end.card.name)
        }
        try CanonicalJSON.write(baselines, to: folder.file(.baselines))
        try Leftovers.remove(folder.file(.belonging))
        try reference?.write(to: folder)
        try trained.prepared.training.removeResumePoints()
        // Another training's candidates must not stay beside a model that was compared with none.
        if trained.compared == nil { try Leftovers.remove(folder.search) }
        try checkpoint.publishCard(to: folder.url)
        return checkpoint.card
    }

    private func answer(
        _ card: CheckpointCard,
        _ trained: Trained,
        _ ends: [TargetEnd],
        _ reference: BelongingReference?
    ) -> TrainAnswer {
        var figures = ["epoch": Double(card.epoch)]
        for (place, end) in ends.enumerated() {
            for (part, report) in end.card.metrics {
                let (metric, estimate) = report.headline
                figures["\(place == 0 ? "" : "\(end.card.name)_")\(part)_\(metric.key)"] = estimate.value
            }
        }
        let files: [FoldFolder.File] =
            [.weights, .history, .predictions, .baselines] + (reference == nil ? [] : [.belonging]) + [.card]
        let further = ends.dropFirst().map { folder.predictions(of: $0.card.name) }
        return TrainAnswer(
            outputs: (trained.model.outputs + files.map(folder.file) + further).map(\.path),
            figures: figures,
            empty: card.empty
        )
    }
}
