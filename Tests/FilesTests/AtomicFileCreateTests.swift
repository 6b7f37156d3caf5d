import Files
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFileCreateTests {
    @Test func ofSeveralThatWantANameOneGetsItWithItsContent() async throws {
        let scratch = try Scratch()
        let file = scratch.file("one")
        let winners = try await withThrowingTaskGroup(of: Int?.self) { group in
            for index in 0..<8 {
                group.addTask { try AtomicFile.create(Data("\(index)".utf8), at: file) ? index : nil }
            }
            return try await group.reduce(into: [Int]()) { found, next in if let next { found.append(next) } }
        }
        #expect(winners.count == 1)
        #expect(try String(contentsOf: scratch.file("one"), encoding: .utf8) == "\(winners[0])")
        #expect(scratch.names == ["one"])
    }

    @Test func aNameInAFolderThatCannotBeMadeIsAnError() throws {
        let scratch = try Scratch()
        try AtomicFile.write("x", to: scratch.file("file"))
        #expect(throws: StorageError.self) { try AtomicFile.create(Data(), at: scratch.file("file/one")) }
    }
}
