import Foundation
import Records
import Storage

@testable import Config
@testable import Evaluation
@testable import Files
@testable import Messages

/// 24 cases of one or two slides, and the folders that a training of their folds leaves behind, from made-up scores.
struct MadeTraining {
    let cohort: Cohort
    let splits: [Split]
    /// How far the logit of a slide's own class stands above the noise.
    private let shift: Double

    /// ACMIL as the paper has it, narrow.
    static let acmil: ModelConfig = {
        var config = ACMILConfig()
        (config.hidden, config.attentionHidden) = (16, 16)
        return .acmil(config)
    }()

    init(classes: [String] = ["negative", "positive"], shift: Double = 4) throws {
        var slides: [CohortSlide] = []
        for index in 0..<24 {
            for part in 0...(index % 2) {
                let label = index / 2 % classes.count
                slides.append(
                    CohortSlide(slide: try SlideID("s\(index)-\(part)"), caseID: "p\(index)", target: .class(label))
                )
            }
        }
        cohort = Cohort(classes: classes, slides: slides)
        splits = try Splits.folds(3, of: cohort, seed: 1)
        self.shift = shift
    }

    func request(_ fold: Int, in folder: URL) -> TrainRequest {
        var training = TrainingConfig()
        (training.epochs, training.device) = (3, .cpu)
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 200
        return TrainRequest(
            name: "test",
            cohort: cohort,
            split: splits[fold],
            features: [:],
            encoder: EncoderFacts(name: "made", digest: "0", licence: "none", isHandcrafted: true),
            model: Self.acmil,
            training: training,
            evaluation: evaluation,
            output: folder.appending(path: "fold_\(fold)").path,
            fingerprint: "abc",
            provenance: ["wsi": "test"]
        )
    }

    func train(_ fold: Int, in folder: URL) throws { try write(request(fold, in: folder)) }

    /// Table of the epochs, predictions and card, in the folder that the request names.
    func write(_ request: TrainRequest) throws {
        let classes = request.cohort.classes
        let count = request.training.epochs ?? 3
        let slides = Dictionary(uniqueKeysWithValues: request.cohort.slides.map { ($0.slide, $0) })
        func part(_ ids: [SlideID]) -> [CohortSlide] { ids.sorted().compactMap { slides[$0] } }
        let parts = [
            ("train", part(request.split.train)), ("validation", part(request.split.validation)),
            ("test", part(request.split.test)),
        ]
        let validation = parts[1].1.map { judged($0, request, threshold: nil, temperature: nil) }
        let cut =
            classes.count == 2
            ? YoudenCut(validation.map { $0.probabilities[1] }, positive: validation.map { $0.label == 1 }) : nil
        let temperature = Temperature(fittedOn: validation)
        let rows = parts.flatMap { name, slides in
            slides.map { slide in
                FoldPredictions.Row(
                    slide: slide.slide,
                    part: name,
                    judged: judged(slide, request, threshold: cut?.threshold, temperature: temperature).judged
                )
            }
        }
        let predictions = FoldPredictions(classes: classes, rows: rows)
        let source: CheckpointCard.ThresholdSource =
            classes.count > 2 ? .argmax : cut == nil ? .undefinedOnValidation : .validationYouden
        let card = CheckpointCard(
            of: request,
            model: request.model,
            readout: .class(count: classes.count),
            recipe: request.training.recipe(for: request.model, featureWidth: 8, classes: classes.count),
            featureWidth: 8,
            isStandardised: true,
            threshold: (cut?.threshold, source),
            temperature: temperature,
            chosen: (count - 1, nil),
            parts: Dictionary(uniqueKeysWithValues: parts.map { ($0, summary($1, classes)) }),
            metrics: Dictionary(
                uniqueKeysWithValues: ["validation", "test"].map { name in
                    let sample = predictions.part(name).map(\.judged)
                    return (name, MetricReport(sample, classes: classes, evaluation: request.evaluation, seed: 1))
                }
            ),
            empty: []
        )
        let folder = URL(filePath: request.output, directoryHint: .isDirectory)
        try AtomicFile.createFolder(folder)
        try writeHistory(of: count, in: folder)
        try predictions.write(to: folder)
        try CanonicalJSON.write(card, to: FoldFolder(folder).file(.card))
    }

    private func writeHistory(of count: Int, in folder: URL) throws {
        let epochs = (0..<count).map { ["\($0)", "0.001", "\(1 / Double($0 + 1))", "0.7", "0.8"] }
        let header = ["epoch", "learning_rate", "train_total", "validation_loss", "validation_auc"]
        try AtomicFile.write(Table.text(header: header, rows: epochs), to: FoldFolder(folder).file(.history))
    }

    private func judged(
        _ slide: CohortSlide,
        _ request: TrainRequest,
        threshold: Double?,
        temperature: Temperature?
    ) -> JudgedClass {
        var random = CounterRandom(
            seed: request.training.seed,
            "score",
            request.split.fold,
            slide.slide.text
        )
        let logits = request.cohort.classes.indices.map { label in
            random.uniform(-1, 1) + random.uniform(-1, 1) + (.class(label) == slide.target ? shift : 0)
        }
        var judged = JudgedClass(
            caseID: slide.caseID,
            label: slide.target.label ?? 0,
            probabilities: softmax(logits),
            threshold: threshold
        )
        judged.calibrated = temperature?.scaled(judged.probabilities)
        return judged
    }

    private func summary(_ slides: [CohortSlide], _ classes: [String]) -> CheckpointCard.Part {
        let counts = Dictionary(grouping: slides, by: { $0.target.name(among: classes) }).mapValues(\.count)
        return CheckpointCard.Part(slides: counts, cases: Set(slides.map(\.caseID)).count)
    }
}
