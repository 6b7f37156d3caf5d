import Config
import Evaluation
import Files
import Foundation
import Messages
import Records
import Storage

/// How a fold ends for one thing that is asked: the scale, threshold and temperature that come from its validation part, its figures
/// and its predictions.
struct TargetEnd {
    let card: AskedTarget
    let predictions: FoldPredictions

    /// A part of the fold with what the model says of it.
    private typealias Judgement = (part: String, slides: [(slide: SlideID, judged: Judged)])

    /// - Parameters:
    ///   - place: of the target in the cohort's questions.
    ///   - readout: of all targets.
    ///   - seen: what the model gives for the training, validation and test parts, and what was set aside.
    init(_ place: Int, _ readout: Readout, _ seen: [(String, [BagNumbers])], of request: TrainRequest) throws {
        let question = request.cohort.questions[place]
        func scored(_ readout: Readout) throws -> [(String, [ScoredSlide])] {
            try seen.map { ($0, try readout.scored($1)[place]) }
        }
        var readout = readout
        // What is reported must not be what the baseline was fitted on.
        if case .risk = readout.parts[place].readout, !request.selectsOnTest {
            readout = readout.withBaseline(of: try scored(readout)[1].1.risks, at: place)
        }
        let scored = try scored(readout)
        let cut = Self.threshold(question, scored[1].1, of: request)
        // What is reported must not be what the temperature was fitted on.
        let temperature = request.selectsOnTest ? nil : Temperature(fittedOn: scored[1].1.compactMap(\.argmax.ofClass))
        // The papers' protocol may have the test part as its validation part: such a part is reported once.
        let judged: [Judgement] = scored.filter { !request.selectsOnTest || $0.0 != "validation" }.map { part, slides in
            (part, slides.map { ($0.slide.slide, $0.judged(threshold: cut.value, temperature: temperature)) })
        }
        let reported = judged.filter { !["train", FoldPredictions.calibration].contains($0.part) }
        let metrics = reported.map { part, slides in
            let context = Self.context(question, judged, part, of: request)
            return (part, MetricReport(slides.map(\.judged), classes: question.classes, context))
        }
        predictions = FoldPredictions(
            classes: question.classes,
            rows: judged.flatMap { part, slides in
                slides.map { FoldPredictions.Row(slide: $0, part: part, judged: $1) }
            }
        )
        card = AskedTarget(
            question,
            readout: readout.parts[place].readout,
            threshold: cut,
            temperature: temperature,
            parts: Dictionary(uniqueKeysWithValues: scored.map { ($0, Self.summary(question, $1.map(\.slide))) }),
            metrics: Dictionary(uniqueKeysWithValues: metrics)
        )
    }

    /// What figures are made with: the training and validation parts beside the one that is told.
    private static func context(
        _ question: Question,
        _ judged: [Judgement],
        _ part: String,
        of request: TrainRequest
    ) -> MetricContext {
        var context = MetricContext(request.evaluation, seed: request.training.seed, target: question.kind)
        guard question.kind == .survival else { return context }
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

    /// The decision threshold, from the validation part alone; the papers' protocol takes the most probable class where
    /// the model's authors did.
    private static func threshold(
        _ question: Question,
        _ validation: [ScoredSlide],
        of request: TrainRequest
    ) -> (value: Double?, source: CheckpointCard.ThresholdSource) {
        guard question.kind == .class, question.classes.count == 2, request.evaluation.decidesByYouden(request.model)
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

    private static func summary(_ question: Question, _ slides: [CohortSlide]) -> CheckpointCard.Part {
        // A number or a set of labels is nearly each bag's own.
        let isCounted = ![.labels, .number].contains(question.kind)
        let counts = Dictionary(grouping: slides) { isCounted ? $0.target.group(among: question.classes) : "slides" }
            .mapValues(\.count)
        return CheckpointCard.Part(slides: counts, cases: Set(slides.map(\.caseID)).count)
    }
}

extension FoldFolder {
    /// Tables of targets that another training of the fold asked must not stay beside those of this one.
    func removePredictions(otherThan targets: [String]) throws {
        let kept = Set(targets.map { predictions(of: $0).lastPathComponent })
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        for name in names where name.hasPrefix("predictions_") && name.hasSuffix(".csv") && !kept.contains(name) {
            try Leftovers.remove(url.appending(path: name))
        }
    }
}

extension Readout {
    /// Whether anything of the slides tells how far a model is from what is asked.
    func hasLoss(of slides: [CohortSlide]) -> Bool {
        parts.indices.contains { place in
            let known = slides.compactMap { $0.target.part(place) }
            return riskPlaces.contains(place) ? known.contains { $0.survival?.isEvent == true } : !known.isEmpty
        }
    }

    /// With the baseline hazard of one of its targets, where that is told by Cox's loss.
    fileprivate func withBaseline(of cases: [(risk: Double, time: SurvivalTime)], at place: Int) -> Readout {
        func fitted(_ readout: Readout) -> Readout {
            if case .risk(let scale) = readout { .risk(scale.with(cases)) } else { readout }
        }
        guard case .several(var parts) = self else { return fitted(self) }
        parts[place].readout = fitted(parts[place].readout)
        return .several(parts)
    }
}
