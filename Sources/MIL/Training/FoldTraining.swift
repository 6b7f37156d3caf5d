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
    /// As its plan fills it in, where it has one.
    private var request: TrainRequest
    /// As the config has it.
    private let given: TrainingConfig
    private var plan: TrainingPlan?
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
        self.request = request
        given = request.training
        self.source = source
        device = Device(request.device)
        try NumericEngine.open(device)
    }

    /// Trains and publishes `checkpoint.safetensors`, `history.csv`, `predictions.csv`, `baselines.json` and, last, `checkpoint.json`.
    public func run(progress: (TrainProgress) -> Void) throws -> TrainAnswer {
        var planned = self
        if given.plan == .auto, let facts = try request.planFacts({ try source.bag($0).checked(width: $1) }) {
            let made = request.plan(of: facts)
            (planned.plan, planned.request.training) = (made.plan, made.training)
        }
        return try planned.trained(progress)
    }

    private func trained(_ progress: (TrainProgress) -> Void) throws -> TrainAnswer {
        let survey = try survey()
        let bags = DeviceBags(
            source,
            standardiser: survey.standardiser,
            precision: request.training.precision,
            on: device,
            memory: DeviceMemory.forBags(request.memory, on: device, folds: request.foldsPerDevice)
        )
        let config = request.model.resolved(featureWidth: survey.width)
        let classes = request.cohort.classes
        let recipe = request.training.recipe(
            for: config,
            featureWidth: survey.width,
            classes: classes.count,
            kind: request.cohort.selectionKind
        )
        let readout = try Readout(request.cohort, fittedOn: survey.train, request.training)
        if recipe.selection == .loss, !readout.hasLoss(of: survey.validation) {
            let asksEvents = request.cohort.questions.allSatisfy { $0.kind == .survival }
            let lacking = survey.validation.isEmpty ? "features" : asksEvents ? "an event" : "a known target"
            throw MILError.untrainable(
                reason:
                    "no validation slide has \(lacking), so no epoch can be chosen by it; give one, or set training.selection to last"
            )
        }
        let training = ModelTraining(
            request: request,
            config: config,
            readout: readout,
            recipe: recipe,
            featureWidth: survey.width,
            training: survey.train,
            validation: survey.validation,
            bags: bags,
            device: device
        )
        let start = ContinuousClock.now
        let trained = try training.run(progress: progress)
        let model = trained.model

        let parts = [("train", survey.train), ("validation", survey.validation), ("test", survey.test)]
        let draws = TestDraws(recipe, seed: request.training.seed, fold: request.split.fold)
        let seen = try parts.map { ($0, try numbers(of: $1, by: model, bags, draws)) }
        let ends = try request.cohort.questions.indices.map { try TargetEnd($0, readout, seen, of: request) }
        var card = CheckpointCard(
            of: request,
            model: config,
            ends: ends.map(\.card),
            recipe: recipe,
            featureWidth: survey.width,
            isStandardised: survey.standardiser != nil,
            chosen: (trained.result.epoch, trained.result.score),
            empty: survey.empty
        )
        (card.training, card.plan) = (given, plan)
        let checkpoint = Checkpoint(
            card: card,
            parameters: trained.result.parameters,
            standardiser: survey.standardiser
        )
        let learned = ContinuousClock.now
        let baselines = request.baselines(
            train: survey.train,
            validation: survey.validation,
            test: survey.test,
            means: survey.means
        )
        let compared = ContinuousClock.now
        var answer = try publish(checkpoint, trained, ends, baselines, of: training)
        answer.learning = (learned - start) / .seconds(1)
        answer.baselines = (compared - learned) / .seconds(1)
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

    /// What one look at every bag of the split tells.
    private struct Survey {
        var train: [CohortSlide] = []
        var validation: [CohortSlide] = []
        var test: [CohortSlide] = []
        var empty: [SlideID] = []
        var width = 0
        var standardiser: Standardiser?
        /// Of each bag.
        var means: [SlideID: [Double]] = [:]
    }

    /// Checks every bag before the first step, drops the empty ones and measures the training part.
    private func survey() throws -> Survey {
        let labels = Dictionary(request.cohort.slides.map { ($0.slide, $0) }, uniquingKeysWith: { first, _ in first })
        let standardise =
            switch request.training.standardise {
            case .always: true
            case .never: false
            case .auto: request.encoder.isHandcrafted
            }
        var survey = Survey()
        var moments = FeatureMoments()
        func usable(_ slides: [SlideID], measured: Bool = false) throws -> [CohortSlide] {
            try slides.sorted().compactMap { slide in
                let bag = try source.bag(slide).checked(width: survey.width == 0 ? nil : survey.width)
                guard bag.count > 0, let labelled = labels[slide] else {
                    survey.empty.append(slide)
                    return nil
                }
                survey.width = bag.width
                survey.means[slide] = bag.meanFeatures
                if measured { moments.add(bag) }
                return labelled
            }
        }
        survey.train = try usable(request.split.train, measured: standardise)
        survey.validation = try usable(request.split.validation)
        survey.test = try usable(request.split.test)
        survey.empty.sort()
        survey.standardiser = standardise ? moments.standardiser() : nil
        for need in request.cohort.needs where !survey.train.contains(where: { need.isMet($0.target) }) {
            let of = request.cohort.targets == nil && [.class, .ordinal].contains(request.cohort.kind) ? "of" : "with"
            throw MILError.untrainable(
                reason: "no training slide \(of) \(need.name) has features; use fewer folds"
            )
        }
        return survey
    }
}
