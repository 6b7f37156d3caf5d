public import Foundation

/// The folder of a training: `JOB/training/<name>`, of one among several seeds `JOB/training/<name>/seed_S`, or a copy of such a
/// folder anywhere.
public struct TrainingFolder: Hashable, Sendable {
    public let url: URL
    public let name: TrainingName
    /// The job that it lies in; of a copy, the folder where that would be.
    public let job: JobLayout

    init(_ url: URL, _ name: TrainingName, in job: JobLayout) { (self.url, self.name, self.job) = (url, name, job) }

    /// A folder that was named by its path. `seed_S` is a seed's folder unless it lies right in a folder `training` that is not
    /// itself a training: a training may well be called `seed_3`.
    public init(at url: URL) {
        let above = url.deletingLastPathComponent()
        let isTop = above.lastPathComponent == JobLayout.Folder.training.rawValue
        let isInTraining =
            above.deletingLastPathComponent().lastPathComponent == JobLayout.Folder.training.rawValue
        if let seed = SeedFolder.seed(of: url.lastPathComponent), !isTop || isInTraining {
            let job = above.deletingLastPathComponent().deletingLastPathComponent()
            self.init(url, TrainingName(above.lastPathComponent, seed: seed), in: JobLayout(root: job))
        } else {
            let job = JobLayout(root: above.deletingLastPathComponent())
            self.init(url, TrainingName(url.lastPathComponent), in: job)
        }
    }

    public func fold(_ number: Int) -> FoldFolder { FoldFolder(url.appending(path: FoldName.text(number))) }

    /// What is left of a training beside its folds.
    public enum File: String, Sendable {
        case study = "study.json"
        case metrics = "metrics.json"
        case report = "report.html"
        /// Every candidate of every fold, where folds compare several.
        case search = "search.csv"
        /// Of every tested bag its set of classes, or its interval of a number, where `evaluation.coverage` asks for them.
        case sets = "sets.csv"
    }

    public func file(_ file: File) -> URL { url.appending(path: file.rawValue) }

    /// The report on one of several targets beside the first.
    public func report(of target: String) -> URL { url.appending(path: Self.reportName(of: target)) }

    public static func reportName(of target: String) -> String { "report_\(target).html" }

    /// The splits as CLAM's tables.
    public var splits: URL { url.appending(path: Self.splitsName) }

    public static func splitPath(_ fold: Int) -> String { "\(splitsName)/\(splitName(fold))" }

    public static func splitName(_ fold: Int) -> String { "splits_\(fold).csv" }

    private static let splitsName = "splits"
}

/// `fold_K` in a training's folder.
public struct FoldFolder: Hashable, Sendable {
    public let url: URL

    public init(_ url: URL) { self.url = url }

    public enum File: String, Sendable {
        /// What the model is; its presence marks the fold as done.
        case card = "checkpoint.json"
        case weights = "checkpoint.safetensors"
        case predictions = "predictions.csv"
        /// The table of epochs.
        case history = "history.csv"
        /// What plain models of mean features say of the same bags.
        case baselines = "baselines.json"
        /// What its training part looks like; trainings of earlier versions have none.
        case belonging = "belonging.safetensors"
    }

    public func file(_ file: File) -> URL { url.appending(path: file.rawValue) }

    /// The table of predictions of one of several targets; nil: of the first, or the only one.
    public func predictions(of target: String?) -> URL {
        target.map { url.appending(path: "predictions_\($0).csv") } ?? file(.predictions)
    }

    /// What the candidates of a search left that the fold has compared.
    public var search: URL { url.appending(path: Self.searchName) }

    public static let searchName = "search"

    /// The folder of one candidate.
    /// - Parameter fingerprint: of the fold with the candidate's config.
    public func candidate(_ fingerprint: String) -> CandidateFolder {
        CandidateFolder(search.appending(path: String(fingerprint.prefix(16))))
    }

    /// A fold's file by its path in the training's folder.
    public static func path(_ fold: Int, _ file: File) -> String { "\(FoldName.text(fold))/\(file.rawValue)" }

    /// Whether a path ends in one of these files of a fold.
    public static func isPath(_ path: some StringProtocol, of files: File...) -> Bool {
        files.contains { file in
            path.hasSuffix("/\(file.rawValue)") || (file == .predictions && isOfTarget(path))
        }
    }

    private static func isOfTarget(_ path: some StringProtocol) -> Bool {
        path.hasSuffix(".csv") && path.split(separator: "/").last?.hasPrefix("predictions_") == true
    }
}

/// A candidate's folder in a fold's folder `search`, called by its fingerprint: what is on record of it stays valid whatever other
/// candidates there are.
public struct CandidateFolder: Hashable, Sendable {
    public let url: URL

    init(_ url: URL) { self.url = url }

    public enum File: String, Sendable {
        /// What it was and how it ended.
        case record = "candidate.json"
        /// Of the best one so far, while others are compared with it.
        case weights = "candidate.safetensors"
    }

    public func file(_ file: File) -> URL { url.appending(path: file.rawValue) }
}
