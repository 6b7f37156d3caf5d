public import Foundation

/// Names inside a job folder; TRIDENT's where TRIDENT has one.
public struct JobLayout: Sendable, Equatable {
    public let root: URL

    public init(root: URL) { self.root = root }

    public var thumbnails: URL { root.appending(path: "thumbnails") }
    public var contours: URL { root.appending(path: "contours") }
    public var contoursGeoJSON: URL { root.appending(path: "contours_geojson") }
    /// Everything with a time, a host or a path in it; the only part that differs between two equal runs.
    public var audit: URL { root.appending(path: "audit") }
    public var training: URL { root.appending(path: "training") }
    public var predictions: URL { root.appending(path: "predictions") }
    public var heatmaps: URL { root.appending(path: "heatmaps") }
    public var reports: URL { root.appending(path: "reports") }

    /// What reviewers have said; never replaced, only added to.
    public var decisions: URL { root.appending(path: "review/decisions") }

    public func outcomes(stage: String) -> URL { root.appending(path: "outcomes/\(stage)") }

    public func outcome(stage: String, _ unit: SlideID) -> URL {
        outcomes(stage: stage).appending(path: "\(unit.text).json")
    }

    /// The folder of one patch geometry, e.g. `20x_256px_0px_overlap` (20 = 10 / mpp).
    public func grids(mpp: Double, patchSize: Int, overlap: Int) -> URL {
        root.appending(path: Self.gridName(mpp: mpp, patchSize: patchSize, overlap: overlap))
    }

    public static func gridName(mpp: Double, patchSize: Int, overlap: Int) -> String {
        let magnification = 10 / mpp
        let shown =
            magnification == magnification.rounded()
            ? String(Int(magnification)) : String((magnification * 10_000).rounded() / 10_000)
        return "\(shown)x_\(patchSize)px_\(overlap)px_overlap"
    }

    public func patches(in grid: URL, _ slide: SlideID) -> URL {
        grid.appending(path: "patches/\(slide.text)_patches.h5")
    }

    public func features(in grid: URL, encoder: String) -> URL { grid.appending(path: "features_\(encoder)") }

    public func features(in grid: URL, encoder: String, _ slide: SlideID) -> URL {
        features(in: grid, encoder: encoder).appending(path: "\(slide.text).h5")
    }
}

extension JobLayout {
    /// The job whose finer maps this one holds, `JOB/finer/<name>`: features and trainings are that one's. nil for any other.
    public var owner: JobLayout? {
        let folder = root.standardizedFileURL.deletingLastPathComponent()
        return folder.lastPathComponent == "finer" ? JobLayout(root: folder.deletingLastPathComponent()) : nil
    }

    /// What makes a stage's results again, for messages.
    public func command(of stage: String) -> String {
        if let owner { return "wsi heatmap \(owner.root.path) with the same --overlap" }
        let job = root.path
        let name = stage.firstIndex(of: "_").map { String(stage[stage.index(after: $0)...]) } ?? ""
        switch stage.prefix(while: { $0 != "_" && $0 != "." }) {
        case "tile": return "the same wsi tile with --out \(job)"
        // Others than the built-in one are named by their file, whose place is not known here.
        case "features" where name == "he-texture-v1": return "wsi features \(job) --encoder \(name)"
        case "features": return "wsi features \(job) with the encoder \(name)"
        case "train", "evaluate", "summarise": return "wsi train with the config of \(name) and --out \(job)"
        case "predict": return "wsi predict \(job) --model \(name)"
        default:
            let verb = stage.hasPrefix("heatmap.report") ? "report" : "heatmap"
            // Pictures that are drawn otherwise than the study says have a name of their own.
            guard FileManager.default.fileExists(atPath: predictions.appending(path: name).path) else {
                return "the same wsi \(verb) of \(job)"
            }
            let output = stage.prefix { $0 != "_" }.split(separator: ".").dropFirst().first.map { " --\($0)" }
            return "wsi \(verb) \(job) --model \(name)\(verb == "heatmap" ? output ?? "" : "")"
        }
    }
}
