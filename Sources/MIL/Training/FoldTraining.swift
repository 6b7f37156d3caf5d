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
        guard request.cohort.kind.isLearnable(classes: classes) else {
            throw MILError.unusable(subject: "cohort", reason: "one class cannot be learned; two or more are wanted")
        }
        guard request.cohort.slides.allSatisfy({ $0.target.fits(classes: classes) }) else {
            throw MILError.unusable(subject: "cohort", reason: "a slide's label is no index of a class")
        }
        let kind = request.cohort.kind
        let recipe = request.training.recipe(for: request.model, featureWidth: 0, classes: classes, kind: kind)
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
        self.request = request
        self.source = source
        device = Device(request.device)
        try NumericEngine.open(device)
    }

    /// Trains and publishes `checkpoint.safetensors`, `history.csv`, `predictions.csv` and, last, `checkpoint.json`.
    public func run(progress: (TrainProgress) -> Void) throws -> TrainAnswer {
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
            kind: request.cohort.kind
        )
        var readout = try Readout(
            request.cohort.kind,
            classes: classes,
            fittedOn: survey.train,
            request.training
        )
        if case .risk = readout, recipe.selection == .loss,
            !survey.validation.contains(where: { $0.target.survival?.isEvent == true })
        {
            throw MILError.unusable(
                subject: "fold \(request.split.fold)",
                reason:
                    "no validation slide has an event, so no epoch can be chosen by it; give one, or set training.selection to last"
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
        let trained = try training.run(progress: progress)
        let model = trained.model

        let parts = [("train", survey.train), ("validation", survey.validation), ("test", survey.test)]
        // What is reported must not be what the baseline was fitted on.
        if case .risk(let scale) = readout, !request.selectsOnTest {
            readout = .risk(scale.with(try scores(of: survey.validation, by: model, readout, bags).risks))
        }
        let scored = try parts.map { ($0, try scores(of: $1, by: model, readout, bags)) }
        let cut = threshold(scored[1].1)
        // What is reported must not be what the temperature was fitted on.
        let temperature = request.selectsOnTest ? nil : Temperature(fittedOn: scored[1].1.compactMap(\.argmax.ofClass))
        // The papers' protocol may have the test part as its validation part: such a part is reported once.
        let judged = scored.filter { !request.selectsOnTest || $0.0 != "validation" }.map { part, slides in
            (part, slides.map { ($0.slide.slide, $0.judged(threshold: cut.value, temperature: temperature)) })
        }
        let metrics = judged.dropFirst().map { part, slides in
            (
                part,
                MetricReport(slides.map(\.1), classes: classes, context(judged, part))
            )
        }
        let predictions = FoldPredictions(
            classes: classes,
            rows: judged.flatMap { part, slides in
                slides.map { FoldPredictions.Row(slide: $0, part: part, judged: $1) }
            }
        )
        let card = CheckpointCard(
            of: request,
            model: config,
            readout: readout,
            recipe: recipe,
            featureWidth: survey.width,
            isStandardised: survey.standardiser != nil,
            threshold: cut,
            temperature: temperature,
            chosen: (trained.result.epoch, trained.result.score),
            parts: Dictionary(uniqueKeysWithValues: parts.map { ($0, summary($1)) }),
            metrics: Dictionary(uniqueKeysWithValues: metrics),
            empty: survey.empty
        )
        let checkpoint = Checkpoint(
            card: card,
            parameters: trained.result.parameters,
            standardiser: survey.standardiser
        )
        return try publish(checkpoint, trained, predictions, of: training)
    }

    /// What figures are made with: the training and validation parts beside the one that is told.
    private func context(
        _ judged: [(part: String, slides: [(slide: SlideID, judged: Judged)])],
        _ part: String
    ) -> MetricContext {
        var context = MetricContext(request.evaluation, seed: request.training.seed, target: request.cohort.kind)
        guard request.cohort.kind == .survival else { return context }
        func of(_ name: String) -> [Judged] {
            judged.first { $0.part == name }.map { $0.slides.map(\.judged) } ?? []
        }
        context.survival = SurvivalContext(
            training: [0: of("train")],
            validation: [0: of("validation")],
            tested: of(part),
            times: request.evaluation.times
        )
        return context
    }

    private func publish(
        _ checkpoint: Checkpoint,
        _ trained: ModelTraining.Trained,
        _ predictions: FoldPredictions,
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
        try predictions.write(to: folder)
        try training.removeResumePoints()
        try checkpoint.publishCard(to: folder)
        var figures = ["epoch": Double(checkpoint.card.epoch)]
        for (part, report) in checkpoint.card.metrics {
            let (metric, estimate) = report.headline
            figures["\(part)_\(metric.key)"] = estimate.value
        }
        let files: [FoldFolder.File] = [.weights, .history, .predictions, .card]
        return TrainAnswer(
            outputs: (trained.outputs + files.map(FoldFolder(folder).file)).map(\.path),
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
        for need in request.cohort.needs where !survey.train.contains(where: { need.isMet($0.target) }) {
            let of = request.cohort.kind == .class || request.cohort.kind == .ordinal ? "of" : "with"
            throw MILError.unusable(
                subject: "fold \(request.split.fold)",
                reason: "no training slide \(of) \(need.name) has features; use fewer folds"
            )
        }
        return survey
    }

    /// The decision threshold, from the validation part alone; the papers' protocol takes the most probable class where
    /// the model's authors did.
    private func threshold(_ validation: [ScoredSlide]) -> (value: Double?, source: CheckpointCard.ThresholdSource) {
        guard request.cohort.kind == .class, request.cohort.classes.count == 2,
            request.evaluation.decidesByYouden(request.model)
        else {
            return (nil, .argmax)
        }
        let (scores, positive) = Metrics.against(1, validation.compactMap(\.argmax.ofClass))
        let cut = YoudenCut(scores, positive: positive)
        // MHIM's cut is a score of the part itself; half way to the next lower one decides alike there.
        return request.selectsOnTest
            ? (cut?.score, cut == nil ? .undefinedOnValidation : .testYouden)
            : (cut?.threshold, cut == nil ? .undefinedOnValidation : .validationYouden)
    }

    private func summary(_ slides: [CohortSlide]) -> CheckpointCard.Part {
        let classes = request.cohort.classes
        // A number or a set of labels is nearly each bag's own.
        let isCounted = ![.labels, .number].contains(request.cohort.kind)
        let counts = Dictionary(grouping: slides) { isCounted ? $0.target.group(among: classes) : "slides" }
            .mapValues(\.count)
        return CheckpointCard.Part(slides: counts, cases: Set(slides.map(\.caseID)).count)
    }
}
