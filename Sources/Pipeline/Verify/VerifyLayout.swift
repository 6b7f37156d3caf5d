import Foundation
import Records
import Storage

/// What the names of a job's files tell.
enum VerifyLayout {
    /// `finer/NAME/` for what lies in the job of finer maps, else nothing.
    static func prefix(of path: String) -> String {
        let parts = path.split(separator: "/", maxSplits: 2)
        let finer = JobLayout.Folder.finer.rawValue
        return parts.count == 3 && parts[0] == finer ? "\(finer)/\(parts[1])/" : ""
    }

    /// Whether a command that is no stage writes such a file anew, without a record of it.
    /// - Parameter path: relative to the job.
    static func isMadeAnew(_ path: String) -> Bool {
        let parts = path.dropFirst(prefix(of: path).count).split(separator: "/").map(String.init)
        guard let name = parts.last, !VerifyEntries.isHidden(path) else { return false }
        switch JobLayout.Folder(rawValue: parts[0]) {
        case .faithfulness: return parts.count > 2 && name.hasSuffix(".json")
        case .cohort where parts.count == 2: return JobLayout.CohortFile(rawValue: name) != nil
        case .cohort: return parts.count == 4 && parts[1] == JobLayout.leaveOutName && name.hasSuffix(".csv")
        default: return false
        }
    }

    /// Whether a stage writes files of such a name.
    /// - Parameter path: relative to the job.
    static func isOurs(_ path: String) -> Bool {
        let prefix = prefix(of: path)
        let parts = path.dropFirst(prefix.count).split(separator: "/").map(String.init)
        guard parts.count > 1, let name = parts.last, !VerifyEntries.isHidden(path) else { return false }
        let ending = URL(filePath: name).pathExtension
        func has(_ endings: String...) -> Bool { endings.contains(ending) }
        switch JobLayout.Folder(rawValue: parts[0]) {
        case .outcomes: return parts.count > 2 && has("json")
        case .thumbnails, .contours: return parts.count == 2 && has("jpg")
        case .contoursGeoJSON: return parts.count == 2 && has("geojson")
        case .regions: return parts.count == 2 && has("geojson") && !prefix.isEmpty
        case .training: return parts.count > 2 && has("json", "safetensors", "csv", "html")
        case .predictions:
            return parts.count > 2
                && (has("h5") || EnsembleRecord.isOurs(name))
        case .heatmaps: return parts.count > 2 && has("png", "csv", "geojson", "h5", "tif", "dzi")
        case .reports: return parts.count > 2 && has("html")
        case .review:
            return parts.count == 3 && "\(parts[0])/\(parts[1])" == JobLayout.decisionsPath && has("jsonl")
        case .audit, .finer, .cohort, .faithfulness: return false
        case nil:
            guard JobLayout.isGridName(parts[0]), parts.count == 3 else { return false }
            switch JobLayout.GridFolder(name: parts[1]) {
            case .patches, .features: return has("h5")
            case .visualization, .quality: return has("jpg")
            case nil: return false
            }
        }
    }

    /// What is to be known of a file that no record names.
    static func words(_ path: String, _ kind: VerifyEntries.Kind) -> String {
        let name = path.split(separator: "/").last ?? ""
        if kind == .link { return "a link" }
        if name.hasPrefix(".wsi-"), name.hasSuffix(".tmp") {
            return "a temporary file of a command that was killed or still runs"
        }
        if path.hasPrefix("\(JobLayout.Folder.training.rawValue)/"), name.hasSuffix("resume.safetensors") {
            return "of a training that was interrupted; the same command goes on from it"
        }
        let folders = path.split(separator: "/").map(String.init)
        if zip(folders, folders.dropFirst()).contains(where: {
            FoldName.fold(of: $0) != nil && $1 == FoldFolder.searchName
        }) {
            return "of a search that was interrupted, or of its candidates before; the same command goes on from it"
        }
        return isOurs(path) ? "no record names it" : "no file of a job"
    }
}
