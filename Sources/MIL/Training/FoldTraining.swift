import Foundation
public import Records
import Storage
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
        guard request.cohort.classes.count >= 2 else {
            throw MILError.unusable(subject: "cohort", reason: "one class cannot be learned; two or more are wanted")
        }
        guard request.cohort.slides.allSatisfy({ request.cohort.classes.indices.contains($0.label) }) else {
            throw MILError.unusable(subject: "cohort", reason: "a slide's label is no index of a class")
        }
        let recipe = request.training.recipe(
            for: request.model,
            featureWidth: 0,
            classes: request.cohort.classes.count
        )
        if request.split.validation.isEmpty, recipe.selection != .last {
            throw MILError.unusable(
                subject: "fold \(request.split.fold)",
                reason:
                    "the validation part is empty, so no epoch can be chosen by it; give one, or set selection to last"
            )
        }
        self.request = request
        self.source = source
        device = try request.training.device.device()
    }

    /// Trains and publishes `checkpoint.safetensors`, `history.csv`, `predictions.csv` and, last, `checkpoint.json`.
    public func run(progress: (ComputeProgress) -> Void) throws -> ComputeResult {
        let survey = try survey()
        let bags = DeviceBags(
            source,
            standardiser: survey.standardiser,
            precision: request.training.precision,
            on: device
        )
        let config = request.model.resolved(featureWidth: survey.width)
        let fold = request.split.fold
        let fresh = FreshParameters(CounterDraws(seed: request.training.seed, fold: fold))
        let classes = request.cohort.classes
        let model = try config.model(featureWidth: survey.width, classes: classes.count, from: fresh, on: device)
        let recipe = request.training.recipe(for: config, featureWidth: survey.width, classes: classes.count)
        let folder = URL(filePath: request.output, directoryHint: .isDirectory)
        let resume = ResumePoint(
            fingerprint: request.fingerprint,
            file: folder.appending(path: "resume.safetensors")
        )
        let loop = TrainingLoop(
            recipe: recipe,
            seed: request.training.seed,
            fold: fold,
            order: BagOrder(request.training.sampling, of: survey.train, seed: request.training.seed, fold: fold),
            classWeights: try request.training.classWeights.factors(for: survey.train, classes: classes.count),
            training: survey.train,
            validation: survey.validation,
            bags: bags,
            resume: resume
        )
        let trained = try loop.run(model) { progress(Self.progress($0, of: recipe.epochs, fold: fold)) }

        let parts = [("train", survey.train), ("validation", survey.validation), ("test", survey.test)]
        let scored = try parts.map { ($0, try scores(of: $1, by: model, bags)) }
        let cut = threshold(scored[1].1)
        let temperature = Temperature(fittedOn: scored[1].1.map(\.argmax))
        // The papers' protocol may have the test part as its validation part: such a part is reported once.
        let judged = scored.filter { !request.selectsOnTest || $0.0 != "validation" }.map { part, slides in
            (part, slides.map { ($0.slide.slide, $0.judged(threshold: cut.value, temperature: temperature)) })
        }
        let metrics = judged.dropFirst().map { part, slides in
            (
                part,
                MetricReport(
                    slides.map(\.1),
                    classes: classes,
                    evaluation: request.evaluation,
                    seed: request.training.seed
                )
            )
        }
        let predictions = FoldPredictions(
            classes: classes,
            rows: judged.flatMap { part, slides in
                slides.map { FoldPredictions.Row(slide: $0, part: part, judged: $1) }
            }
        )
        let card = CheckpointCard(
            name: request.name,
            fold: fold,
            seed: request.training.seed,
            model: config,
            training: request.training,
            recipe: recipe,
            evaluation: request.evaluation,
            featureWidth: survey.width,
            classes: classes,
            encoder: request.encoder,
            isStandardised: survey.standardiser != nil,
            threshold: cut.value,
            thresholdSource: cut.source,
            temperature: temperature,
            epoch: trained.epoch,
            selectionScore: trained.score,
            parts: Dictionary(uniqueKeysWithValues: parts.map { ($0, summary($1)) }),
            metrics: Dictionary(uniqueKeysWithValues: metrics),
            empty: survey.empty,
            weightsDigest: "",
            fingerprint: request.fingerprint,
            provenance: request.provenance
        )
        let checkpoint = Checkpoint(card: card, parameters: trained.parameters, standardiser: survey.standardiser)
        return try publish(checkpoint, trained.history, predictions, over: resume)
    }

    private func publish(
        _ checkpoint: Checkpoint,
        _ history: [EpochRecord],
        _ predictions: FoldPredictions,
        over resume: ResumePoint
    ) throws -> ComputeResult {
        var checkpoint = checkpoint
        let folder = URL(filePath: request.output, directoryHint: .isDirectory)
        try AtomicFile.createFolder(folder)
        // A card of an earlier training must not stand beside the new weights, should this be cut short.
        try Checkpoint.removeCard(from: folder)
        try checkpoint.writeWeights(to: folder)
        try AtomicFile.write(EpochRecord.table(history), to: folder.appending(path: EpochRecord.fileName))
        try predictions.write(to: folder)
        try resume.remove()
        try checkpoint.publishCard(to: folder)
        var figures = ["epoch": Double(checkpoint.card.epoch)]
        for (part, report) in checkpoint.card.metrics { figures["\(part)_auc"] = report.auc.value }
        let names = [Checkpoint.weightsName, EpochRecord.fileName, FoldPredictions.fileName, Checkpoint.cardName]
        return ComputeResult(
            outputs: names.map { folder.appending(path: $0).path },
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
                if measured { moments.add(bag) }
                return labelled
            }
        }
        survey.train = try usable(request.split.train, measured: standardise)
        survey.validation = try usable(request.split.validation)
        survey.test = try usable(request.split.test)
        survey.empty.sort()
        survey.standardiser = standardise ? moments.standardiser() : nil
        let trained = Set(survey.train.map(\.label))
        for (label, name) in request.cohort.classes.enumerated() where !trained.contains(label) {
            throw MILError.unusable(
                subject: "fold \(request.split.fold)",
                reason: "no training slide of class \(name) has features; use fewer folds"
            )
        }
        return survey
    }

    /// The decision threshold, from the validation part alone; the papers' protocol takes the most probable class where
    /// the model's authors did.
    private func threshold(_ validation: [ScoredSlide]) -> (value: Double?, source: CheckpointCard.ThresholdSource) {
        let isWanted =
            request.evaluation.protocol == .paper
            ? request.selectsOnTest : request.evaluation.threshold == .youden
        guard isWanted, request.cohort.classes.count == 2 else { return (nil, .argmax) }
        let cut = YoudenCut(validation.map { $0.probabilities[1] }, positive: validation.map { $0.slide.label == 1 })
        let source = request.selectsOnTest ? CheckpointCard.ThresholdSource.testYouden : .validationYouden
        return cut.map { ($0.threshold, source) } ?? (nil, .undefinedOnValidation)
    }

    private func summary(_ slides: [CohortSlide]) -> CheckpointCard.Part {
        let classes = request.cohort.classes
        let counts = Dictionary(grouping: slides, by: { classes[$0.label] }).mapValues(\.count)
        return CheckpointCard.Part(slides: counts, cases: Set(slides.map(\.caseID)).count)
    }

    private static func progress(_ record: EpochRecord, of epochs: Int, fold: Int) -> ComputeProgress {
        var figures = Dictionary(uniqueKeysWithValues: record.terms.map { ("train_\($0.name)", $0.value) })
        figures["validation_loss"] = record.validationLoss
        figures["validation_auc"] = record.validationAUC
        figures["validation_macro_f1"] = record.validationMacroF1
        return ComputeProgress(
            unit: "epoch",
            done: record.epoch + 1,
            total: epochs,
            subject: "fold \(fold)",
            figures: figures.filter { $0.value.isFinite }
        )
    }
}
