import Foundation
import Records
import Synchronization
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

@Suite struct StageShelfTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(at: scratch["stage"], withIntermediateDirectories: true)
        for name in ["a", "b", "c"] { try scratch.write("slide \(name)", to: "share/\(name).svs") }
    }

    private var copies: [String] {
        Scratch.tree(scratch["stage"]).keys.map { URL(filePath: $0).lastPathComponent }.sorted()
    }

    private func shelf(
        limit: Int,
        patience: Duration = .seconds(60),
        close: @escaping @Sendable (SlideID) -> Void = { _ in }
    ) -> StageShelf {
        let none = Failure(.usage, nil, "no client")
        let staging = Staging(folder: scratch["stage"], limit: limit, files: FileCopier(), client: .failure(none))
        return StageShelf(staging, patience: patience, notice: { _ in }) { close($0) }
    }

    private func ask(_ shelf: StageShelf, _ name: String, digest: String? = nil) async throws -> String {
        try await shelf.path(of: SlideID(name), at: scratch["share/\(name).svs"].path, digest: digest)
    }

    /// Asks until it is no longer on its way.
    private func path(_ shelf: StageShelf, _ name: String, digest: String? = nil) async throws -> String {
        while true {
            do { return try await ask(shelf, name, digest: digest) } catch let failure as Failure
                where failure.code == .busy
            {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test func aSlideIsOnItsWayAndThenThereAndStays() async throws {
        let shelf = shelf(limit: 100)
        let first = await #expect(throws: Failure.self) { try await ask(shelf, "a") }
        #expect(first?.code == .busy && first?.message.contains("being copied") == true)
        let path = try await path(shelf, "a")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "slide a")
        #expect(path.hasPrefix(scratch["stage"].path))
        #expect(try await ask(shelf, "a") == path)
        #expect(copies == ["a.svs"])
    }

    /// Each slide has seven bytes.
    @Test func theOneNotLookedAtForLongestGoesWhereAnotherNeedsItsRoom() async throws {
        let closed = Mutex<[String]>([])
        let shelf = shelf(limit: 15) { slide in closed.withLock { $0.append(slide.text) } }
        _ = try await path(shelf, "a")
        _ = try await path(shelf, "b")
        _ = try await path(shelf, "a")
        _ = try await path(shelf, "c")
        #expect(copies == ["a.svs", "c.svs"])
        #expect(closed.withLock { $0 } == ["b"])
        #expect(try await path(shelf, "b").hasSuffix("b.svs"))
        #expect(copies == ["b.svs", "c.svs"])
    }

    @Test func aSlideThatIsLargerThanTheStageIsReadWhereItLies() async throws {
        let shelf = shelf(limit: 3)
        #expect(try await path(shelf, "a") == scratch["share/a.svs"].path)
        #expect(copies.isEmpty)
    }

    @Test func aCopyThatFailsSaysSoForAWhileAndIsThenTriedAnew() async throws {
        let shelf = shelf(limit: 100, patience: .milliseconds(200))
        let other = Digest.sha256(Data("another slide".utf8))
        let failure = await #expect(throws: Failure.self) { try await path(shelf, "a", digest: other) }
        #expect(failure?.code == .mismatch && copies.isEmpty)
        #expect(await #expect(throws: Failure.self) { try await ask(shelf, "a") }?.code == .mismatch)
        try await Task.sleep(for: .milliseconds(300))
        #expect(try await path(shelf, "a", digest: Digest.sha256(Data("slide a".utf8))).hasSuffix("a.svs"))
    }
}
