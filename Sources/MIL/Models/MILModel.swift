public import Config
public import Records
public import Torch

/// What a model says about one bag at test time.
public struct BagOutput {
    /// Of the bag `[1, C]`: for classes logits, whose softmax is the prediction; else what `Readout` says.
    public var logits: Tensor
    /// One row per name: `[K, N]`; with several heads `[heads, K, N]`. Attention before the softmax over instances, or the
    /// score itself.
    public var attention: Tensor
    public var kind: MapKind
    /// Of the K rows.
    public var names: [String]
    /// The rows whose mean is the bag's one map.
    public var main: Range<Int>

    /// - Parameters:
    ///   - names: of the rows; nil: `attention`, or `branch_0` and so on.
    ///   - main: nil: all rows.
    public init(
        logits: Tensor,
        attention: Tensor,
        kind: MapKind = .attention,
        names: [String]? = nil,
        main: Range<Int>? = nil
    ) {
        self.logits = logits
        self.attention = attention
        self.kind = kind
        let shape = attention.shape
        let count = shape.count < 2 ? 1 : shape[shape.count - 2]
        self.names = names ?? (count == 1 ? ["attention"] : (0..<count).map { "branch_\($0)" })
        self.main = main ?? 0..<count
    }

    /// The rows of the map `[K, N]`; of several heads their mean. Attention sums to 1 in every row.
    public func rows() throws -> Tensor {
        let rank = attention.shape.count
        let values = try kind == .attention ? attention.softmax(dim: rank - 1) : attention
        return try rank == 3 ? values.mean(dim: 0) : values
    }
}

/// What one training step minimises, and the terms it is the sum of.
public struct TrainingLoss {
    public var total: Tensor
    /// By name, in the order of the history's columns.
    public var terms: [(name: String, value: Tensor)]
    /// Of models that pool by it: attention before the softmax over instances, `[…, N]`, as the pass had it.
    public var attention: Tensor?
}

/// What a training pass may know besides the bag.
public struct TrainingStep {
    /// All randomness of the pass: masks and dropout.
    public var draws: any Draws
    /// i / (E·n) for iteration i of n bags a pass and E epochs; from 0, below 1. Schedules inside a model go by it.
    public var progress: Double
    /// Whether the same pass follows once more and this one leaves nothing behind.
    var isRehearsal = false
    /// Whether what a pass moves waits for `finish`: the passes of a step that compares bags are all of one function.
    var movesLater = false

    public init(draws: any Draws, progress: Double = 0) {
        self.draws = draws
        self.progress = progress
    }
}

/// A multiple-instance model: from the features `[N, D_in]` of one bag to logits and attention.
public protocol MILModel {
    /// Everything a checkpoint holds, in a fixed order.
    var parameters: [Parameter] { get }

    /// Those of `parameters` that an optimiser moves.
    var trainable: [Parameter] { get }

    /// The test-time pass: the whole bag, nothing random.
    func callAsFunction(_ features: Tensor) throws -> BagOutput

    /// The test-time pass with all that heatmaps show, which may cost more than the logits.
    func mapped(_ features: Tensor) throws -> BagOutput

    /// The training pass with its masks and dropout.
    func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss

    /// What the model itself does after the optimiser's step, such as moving a teacher.
    func finish(_ step: TrainingStep) throws
}

extension MILModel {
    public var trainable: [Parameter] { parameters }

    public func mapped(_ features: Tensor) throws -> BagOutput { try self(features) }

    public func finish(_ step: TrainingStep) {}
}

/// A model part of which only makes sense of classes.
protocol ClassAware: MILModel {
    /// Whether its outputs are the logits of classes.
    var asksClasses: Bool { get set }

    /// Where several targets are asked.
    /// - Parameters:
    ///   - mainOutputs: how many of the outputs, from the first on, are those of the first target.
    ///   - areClasses: whether they are the logits of classes.
    mutating func ask(mainOutputs: Int, areClasses: Bool)
}

extension ClassAware {
    mutating func ask(mainOutputs: Int, areClasses: Bool) { asksClasses = false }
}

/// A section of a config that a model is built from; that of every kind is one, which a test asks.
protocol BuildableModel: ModelSection {
    /// - Parameters:
    ///   - featureWidth: D_in.
    ///   - source: of the parameters: fresh ones or a checkpoint's.
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel
}

extension ModelConfig {
    /// Builds the model for features of `featureWidth` numbers.
    /// - Parameters:
    ///   - classes: numbers that it gives for a bag, of classes one for each.
    ///   - kind: what is asked of a bag.
    public func model(
        featureWidth: Int,
        classes: Int,
        kind: Target.Kind = .class,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws -> any MILModel {
        guard let section = section as? any BuildableModel else {
            throw Failure(.bug, nil, "no model is built from the section \(kind.rawValue)")
        }
        let model = try section.model(featureWidth: featureWidth, classes: classes, from: source, on: device)
        return model.asking(kind)
    }

    /// The same for what its numbers are to mean.
    /// - Parameter attention: of several targets whether they share it; nil: they do.
    func model(
        featureWidth: Int,
        readout: Readout,
        attention: TrainingConfig.TargetAttention? = nil,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        guard case .several = readout else {
            return try model(
                featureWidth: featureWidth,
                classes: readout.outputs,
                kind: readout.kind,
                from: source,
                on: device
            )
        }
        guard attention == .each else {
            return try model(featureWidth: featureWidth, classes: readout.outputs, from: source, on: device).asking(
                readout
            )
        }
        guard canAttendEach, let section = section as? any DividedModel else {
            throw ConfigError("training.target_attention", "\(kind.rawValue) has no attention for each target")
        }
        let (classes, parts) = (readout.outputs, readout.parts)
        return try section.model(featureWidth: featureWidth, classes: classes, parts: parts, from: source, on: device)
            .asking(readout)
    }
}

/// A section whose model can pool a bag with one attention for each target.
protocol DividedModel: BuildableModel {
    /// - Parameters:
    ///   - classes: numbers that it gives for a bag.
    ///   - parts: the targets, each with a row of attention of its name; empty: one for all outputs.
    func model(
        featureWidth: Int,
        classes: Int,
        parts: [Readout.Part],
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel
}

extension DividedModel {
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        try model(featureWidth: featureWidth, classes: classes, parts: [], from: source, on: device)
    }
}

/// The outputs of targets that have pooled a bag with an attention each.
struct DividedOutputs {
    /// One for all targets, or as many as there are targets.
    let parts: [Readout.Part]
    private let columns: [Range<Int>]

    init(_ parts: [Readout.Part]) { (self.parts, columns) = (parts, Readout.several(parts).columns) }

    /// Rows of all outputs `[T, O]`, one for each target's bag → of each row the target's own `[1, O]`.
    func callAsFunction(_ rows: Tensor) throws -> Tensor {
        guard parts.count > 1 else { return rows }
        let own = try columns.enumerated().map { row, columns in
            try rows.narrow(dim: 0, start: row, length: 1)
                .narrow(dim: 1, start: columns.lowerBound, length: columns.count)
        }
        return try Tensor.concatenated(own, dim: 1)
    }

    /// Of each output which of the rows of attention `[T, N]` is its own target's, `[O][T]`; nil where there is one for all.
    var mix: [[Float]]? {
        guard parts.count > 1 else { return nil }
        return columns.enumerated().flatMap { row, columns in
            columns.map { _ in parts.indices.map { $0 == row ? Float(1) : 0 } }
        }
    }

    /// The same with the attention's rows named, of which the first is the map.
    func output(_ rows: Tensor, attention: Tensor) throws -> BagOutput {
        guard parts.count > 1 else { return BagOutput(logits: rows, attention: attention) }
        return BagOutput(logits: try self(rows), attention: attention, names: parts.map(\.name), main: 0..<1)
    }
}

extension MILModel {
    /// The same model where another kind of target is asked.
    func asking(_ kind: Target.Kind) -> any MILModel {
        guard kind != .class, var aware = self as? any ClassAware else { return self }
        aware.asksClasses = false
        return aware
    }

    /// The same where the numbers mean this. Of several targets no part of a model that needs classes makes sense, but in MHIM, which
    /// masks by the outputs of the first.
    func asking(_ readout: Readout) -> any MILModel {
        guard case .several = readout else { return asking(readout.kind) }
        guard var aware = self as? any ClassAware else { return self }
        aware.ask(mainOutputs: readout.columns[0].count, areClasses: readout.kind == .class)
        return aware
    }
}
