public import Records
import Storage

/// One thing that is wrong with a study's input, and where.
public struct Problem: Codable, Equatable, Sendable {
    public var code: ErrorCode
    public var file: String
    /// Counted from 1.
    public var line: Int?
    public var message: String
    /// Lines of JSON for the config, of which one would mend it; nil where there is no such choice.
    public var lines: [String]?

    init(_ code: ErrorCode, _ file: String, line: Int? = nil, _ message: String) {
        self.code = code
        self.file = file
        self.line = line
        self.message = message
    }

    /// An error met while `file` was read; one problem for each line that it names.
    static func all(of error: any Error, file: String) -> [Problem] {
        guard case .table(let path, let problems) = error as? StorageError else {
            let failure = Failure(error)
            let subject = failure.subject.flatMap { $0 == file ? nil : "\($0): " } ?? ""
            return [Problem(failure.code, file, subject + failure.message)]
        }
        return problems.map { text in
            if let found = text.wholeMatch(of: /line (\d+): (.*)/), let line = Int(found.1) {
                return Problem(.table, path, line: line, String(found.2))
            }
            return Problem(.table, path, text)
        }
    }

    /// As the one line of an error.
    public var failure: Failure { Failure(code, line.map { "\(file):\($0)" } ?? file, message) }
}

/// Why a study is not begun: all that is wrong with it, in one pass.
public struct StudyProblems: Error, Equatable {
    public var problems: [Problem]

    /// 5 where a case stands on two sides of a split or an id is unsafe, 4 where a file of the job is not what was written or is
    /// of an earlier state, or where files do not belong together, else 2.
    public var exitStatus: ExitStatus {
        if problems.contains(where: { $0.code.exitStatus == .refused }) { return .refused }
        if problems.contains(where: { [.digest, .fingerprint, .mismatch].contains($0.code) }) { return .integrity }
        return problems.isEmpty ? .ok : .usage
    }
}
