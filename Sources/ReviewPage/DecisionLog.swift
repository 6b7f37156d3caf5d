import Files
import Foundation
public import Records
import Storage

/// `JOB/review/decisions/ID.jsonl`: every decision that was ever saved, oldest first.
public struct DecisionLog: Sendable {
    public let layout: JobLayout

    public init(_ layout: JobLayout) { self.layout = layout }

    /// On disk when this returns.
    /// - Throws: `StorageError`.
    public func append(_ decision: Decision) throws {
        try Journal.append(decision, to: layout.decisions(about: decision.slide))
    }

    /// What cannot be read of a job's decisions, or is of no slide of it, by its file: left out wherever decisions are told.
    public func leftOut(slides: Set<SlideID>) -> [String] {
        let names: [String]
        do { names = try FolderWalk.names(in: layout.decisions) } catch {
            return ["\(JobLayout.decisionsPath) cannot be looked into, and all in it is left out: \(error.message)"]
        }
        return names.sorted().filter { $0.hasSuffix(".jsonl") }.compactMap { name in
            let file = layout.decisions.appending(path: name)
            guard let slide = try? SlideID(String(name.dropLast(6))), slides.contains(slide) else {
                return "\(JobLayout.decisionsPath)/\(name) is of no slide of this job and left out"
            }
            let data: Data
            do { data = try RegularFile.data(file) } catch {
                return "\(JobLayout.decisionsPath)/\(name) cannot be read and is left out: \(Failure(error).message)"
            }
            let lines = data.split(separator: UInt8(ascii: "\n")).count
            let read = (try? decisions(of: slide).count) ?? 0
            guard lines != read else { return nil }
            let place = "\(JobLayout.decisionsPath)/\(name)"
            return "\(lines - read) of \(lines) lines of \(place) cannot be read and are left out"
        }
    }

    /// All decisions of a slide.
    public func decisions(of slide: SlideID) throws -> [Decision] {
        try Journal.read(Decision.self, from: layout.decisions(about: slide))
            .filter { $0.slide == slide }
    }
}

extension [Decision] {
    /// The last opinion of each reader and the last adjudication, in the order of the list.
    public var latest: [Decision] {
        let last = lastIndices
        return indices.filter(last.contains).map { self[$0] }
    }

    var lastIndices: Set<Int> { last(of: { [ReaderName.key($0.reviewer)] }) }

    /// The last opinion of each reader on each model, and the last adjudication of each, in the order of the list. What was read
    /// before a result was seen gives way to what its reader said of it then.
    var latestByModel: [Decision] {
        let last = last(of: { [ReaderName.key($0.reviewer), $0.model] })
        return indices.filter { place in
            let one = self[place]
            let isSuperseded =
                one.model == nil && one.kind != .adjudication
                && self[(place + 1)...].contains {
                    $0.kind != .adjudication && ReaderName.key($0.reviewer) == ReaderName.key(one.reviewer)
                }
            return last.contains(place) && !isSuperseded
        }
        .map { self[$0] }
    }

    private func last(of key: (Decision) -> [String?]) -> Set<Int> {
        let groups = Dictionary(grouping: indices) { place in
            self[place].kind == .adjudication ? [nil] + key(self[place]).dropFirst() : key(self[place])
        }
        return Set(groups.values.compactMap(\.last))
    }
}
