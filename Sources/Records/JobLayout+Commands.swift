import Foundation

extension JobLayout {
    /// What makes a stage's results again, for messages.
    public func command(of stage: StageName) -> String {
        if let owner { return "wsi heatmap \(owner.root.path) with the same --overlap" }
        let (job, name) = (root.path, stage.subject)
        switch stage.kind {
        case .tile: return "the same wsi tile with --out \(job)"
        // Others than the built-in one are named by their file, whose place is not known here.
        case .features where name == "he-texture-v1": return "wsi features \(job) --encoder \(name)"
        case .features: return "wsi features \(job) with the encoder \(name)"
        case .train, .evaluate, .summarise:
            // One config is of all seeds.
            return "wsi train with the config of \(stage.training.study) and --out \(job)"
        case .predict, .ensemble: return "wsi predict \(job) --model \(name)"
        case .heatmap, nil:
            let verb = stage.kind == .heatmap && stage.output == "report" ? "report" : "heatmap"
            // Pictures that are drawn otherwise than the study says have a name of their own.
            guard FileManager.default.fileExists(atPath: predictions.appending(path: name).path) else {
                return "the same wsi \(verb) of \(job)"
            }
            let output = stage.output.map { " --\($0)" } ?? ""
            return "wsi \(verb) \(job) --model \(name)\(verb == "heatmap" ? output : "")"
        }
    }
}
