public import Imaging
public import Records

/// What a command draws otherwise than a model's study says; nil keeps what that says.
public struct HeatmapChanges: Equatable, Sendable {
    public var side: Int?
    public var mpp: Double?
    public var scale: HeatmapConfig.Scale?
    public var colours: ColourMap.Name?
    public var smoothing: Double?
    /// What is made beside the study's outputs, in this order.
    public var outputs: [HeatmapConfig.Output] = []

    public init() {}

    /// - Throws: `ConfigError` for a value that is out of range.
    public func applied(to usual: HeatmapConfig) throws -> HeatmapConfig {
        var heatmap = usual
        heatmap.side = side ?? usual.side
        heatmap.scale = scale ?? usual.scale
        heatmap.colours = colours ?? usual.colours
        heatmap.mpp = mpp ?? usual.mpp
        heatmap.smoothing = smoothing ?? usual.smoothing
        heatmap.outputs += outputs.filter { !usual.outputs.contains($0) }
        try heatmap.validate()
        return heatmap
    }

    /// The name of the pictures, `JOB/heatmaps/<name>`: the model's where they look as its study wants them, else with what is
    /// another, such as `acmil-percentile-dune`. More outputs are no change: they stand beside the others.
    public func pictures(of model: TrainingName, usual: HeatmapConfig) -> String {
        var name = [model.text]
        if let side, side != usual.side { name.append("\(side)px") }
        if let scale, scale != usual.scale { name.append(scale.rawValue) }
        if let colours, colours != usual.colours { name.append(colours.rawValue) }
        if let mpp, mpp != usual.mpp { name.append("\(mpp)um") }
        if let smoothing, smoothing != usual.smoothing { name.append("smooth\(smoothing)") }
        return name.joined(separator: "-")
    }
}
