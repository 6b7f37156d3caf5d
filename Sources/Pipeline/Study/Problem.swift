import Files
public import Records
import Storage

/// One thing that is wrong with a study's input, and where; or many of one cause.
public struct Problem: Codable, Equatable, Sendable {
    public var code: ErrorCode
    public var file: String
    /// Counted from 1; of several the first.
    public var line: Int?
    public var message: String
    /// How often it occurs; nil for once.
    public var count: Int?
    /// Lines of JSON for the config, of which one would mend it; nil where there is no such choice.
    public var lines: [String]?

    init(_ code: ErrorCode, _ file: String, line: Int? = nil, _ message: String, count: Int? = nil) {
        self.code = code
        self.file = file
        self.line = line
        self.message = message
        self.count = count
    }

    /// Names of one table that are no slides', as one problem.
    /// - Parameters:
    ///   - one: what is wrong with a slide, such as `is not in labels.csv`.
    ///   - several: the same of several slides, such as `are not in labels.csv`.
    ///   - hint: what would help.
    static func names(
        _ code: ErrorCode,
        _ file: String,
        _ rows: [NamedRow],
        one: String,
        several: String,
        hint: String?
    ) -> [Problem] {
        guard let first = rows.first else { return [] }
        let end = hint.map { "; \($0)" } ?? ""
        guard rows.count > 1 else {
            return [Problem(code, file, line: first.line, "slide '\(first.name)' \(one)\(end)")]
        }
        let message = "\(Throughput.grouped(rows.count)) slides \(several): \(NamedRow.text(rows))\(end)"
        return [Problem(code, file, line: first.line, message, count: rows.count)]
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

/// Collects problems of a table: of one kind the first hundred, the last of which counts for all that follow.
struct ProblemCounter {
    private(set) var problems: [Problem] = []
    private var kept: [String: (count: Int, last: Int)] = [:]
    private static let most = 100

    mutating func add(_ problem: Problem, kind: String) {
        let (count, last) = kept[kind] ?? (0, 0)
        if count < Self.most {
            problems.append(problem)
            kept[kind] = (count + 1, problems.count - 1)
        } else {
            problems[last].count = (problems[last].count ?? 1) + 1
        }
    }
}

private struct Cause: Hashable {
    var code: ErrorCode
    /// The message without names, paths and numbers.
    var words: String
}

extension [String] {
    /// Of the problems of a table the first thousand, and how many more there are.
    var capped: [String] {
        let most = 1000
        return count <= most ? self : prefix(most) + ["\(Throughput.grouped(count - most)) more lines"]
    }
}

extension [Problem] {
    /// Up to this many of one cause stand as they are.
    private static var shown: Int { 3 }

    /// Those of one cause as one, in the order of their firsts: a cohort of thousands of slides has the same thing wrong with
    /// each. Of one cause are those of one code whose messages differ in names, paths and numbers alone.
    var byCause: [Problem] {
        func cause(_ problem: Problem) -> Cause {
            let words = problem.message
                .replacing(/'[^']*'( \(line \d+\))?(, |, …| and )?/, with: "' ")
                .replacing(/(?:^|\s)\/\S+/, with: " /").replacing(/[0-9][0-9.,]*/, with: "#")
            return Cause(code: problem.code, words: words)
        }
        var order: [Cause] = []
        var groups: [Cause: [Problem]] = [:]
        for problem in self {
            let cause = cause(problem)
            if groups[cause] == nil { order.append(cause) }
            groups[cause, default: []].append(problem)
        }
        return order.flatMap { cause in
            let group = groups[cause] ?? []
            return group.count > Self.shown ? [Self.joined(group)] : group
        }
    }

    private static func joined(_ group: [Problem]) -> Problem {
        var problem = group[0]
        let places = group.dropFirst().map { other in
            other.file == problem.file
                ? other.line.map { "line \($0)" } ?? other.file : other.line.map { "\(other.file):\($0)" } ?? other.file
        }
        let count = group.reduce(0) { $0 + ($1.count ?? 1) }
        problem.count = count
        let distinct = places.enumerated().filter { !places[..<$0.offset].suffix(shown).contains($0.element) }
        problem.message +=
            " (and \(Throughput.grouped(count - (group[0].count ?? 1))) more like this: "
            + distinct.prefix(shown).map(\.element).joined(separator: ", ") + (distinct.count > shown ? ", …" : "")
            + ")"
        return problem
    }
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
