public import Config
public import Messages
public import Records

/// What `checkpoint.json` says of one of several targets.
public struct AskedTarget: Codable, Equatable, Sendable {
    public var name: String
    public var kind: Target.Kind
    /// As `Cohort.classes`.
    public var classes: [String]
    /// What its part of the loss was multiplied with.
    public var weight: Double
    /// What its numbers mean.
    public var readout: Readout
    /// As those of the checkpoint.
    public var threshold: Double?
    public var thresholdSource: CheckpointCard.ThresholdSource
    public var temperature: Temperature?
    /// Of the slides of which it is known.
    public var parts: [String: CheckpointCard.Part]
    public var metrics: [String: MetricReport]

    public init(
        _ question: Question,
        readout: Readout,
        threshold: (value: Double?, source: CheckpointCard.ThresholdSource),
        temperature: Temperature?,
        parts: [String: CheckpointCard.Part],
        metrics: [String: MetricReport]
    ) {
        (name, kind, classes, weight) = (question.name, question.kind, question.classes, question.weight)
        self.readout = readout
        (self.threshold, thresholdSource) = (threshold.value, threshold.source)
        (self.temperature, self.parts, self.metrics) = (temperature, parts, metrics)
    }

    public var question: Question { Question(name: name, kind: kind, classes: classes, weight: weight) }

    /// Whether classes and scale are those of what it asks.
    public var isWhole: Bool {
        kind.isLearnable(classes: classes.count) && readout.kind == kind && readout.outputs > 0
    }

    enum CodingKeys: String, CodingKey {
        case name, kind, classes, weight, readout, threshold, temperature, parts, metrics
        case thresholdSource = "threshold_source"
    }
}

extension CheckpointCard {
    /// - Parameters:
    ///   - model: with every width written out.
    ///   - ends: how each target ended; at least one.
    public init(
        of request: TrainRequest,
        model: ModelConfig,
        ends: [AskedTarget],
        recipe: Recipe,
        featureWidth: Int,
        isStandardised: Bool,
        chosen: (epoch: Int, score: Double?),
        empty: [SlideID]
    ) {
        let first = ends[0]
        self.init(
            of: request,
            model: model,
            readout: first.readout,
            recipe: recipe,
            featureWidth: featureWidth,
            isStandardised: isStandardised,
            threshold: (first.threshold, first.thresholdSource),
            temperature: first.temperature,
            chosen: chosen,
            parts: first.parts,
            metrics: first.metrics,
            empty: empty
        )
        if ends.count > 1 { targets = ends }
    }

    /// What all of the model's numbers mean, of several targets one behind the other.
    public var wholeReadout: Readout {
        targets.map {
            .several($0.map { Readout.Part(name: $0.name, readout: $0.readout, weight: $0.weight) })
        } ?? readout
    }

    /// The card of one of several targets as if it were asked alone.
    func asking(_ target: String) -> CheckpointCard? {
        guard let asked = targets?.first(where: { $0.name == target }) else { return nil }
        var card = self
        card.targets = nil
        card.ask(asked)
        return card
    }
}
