import Files
import Foundation
import Messages
import Records
import Storage

/// The files of the candidates of a fold.
enum CandidateFiles {
    /// What is of use only while candidates are compared.
    static func removeWeights(_ folder: CandidateFolder) throws {
        for name in [CandidateFolder.File.weights.rawValue] + ModelTraining.hostFiles + TrainRequest.resumeFiles {
            try Leftovers.remove(folder.url.appending(path: name))
        }
    }

    /// Folders of candidates that are compared no more.
    /// - Parameter kept: the others.
    static func removeStrangers(of fold: FoldFolder, keeping kept: [CandidateFolder]) throws {
        let names = Set(kept.map(\.url.lastPathComponent))
        for name in try FolderWalk.names(in: fold.search) where !name.hasPrefix(".") && !names.contains(name) {
            try Leftovers.remove(fold.search.appending(path: name))
        }
    }

    /// The host that a candidate began with; nil where it is not there as it was written.
    static func host(in folder: URL, _ fingerprint: String) throws -> [(name: String, data: Data)]? {
        let files = ModelTraining.hostFiles.map { ($0, folder.appending(path: $0)) }
        guard let stored = try? SafeTensors.ifThere(files[0].1), stored.metadata["fingerprint"] == fingerprint else {
            return nil
        }
        // An equal process that has ended may have taken them away by now.
        let read = files.compactMap { name, file in (try? RegularFile.data(file)).map { (name, $0) } }
        return read.count == files.count ? read : nil
    }
}
