import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct LeftoversTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func add(_ name: String) throws { try AtomicFile.write(Data(), to: scratch.file(name)) }

    @Test func aFileAFolderALinkAndNothingAreRemoved() throws {
        try add("a/b/c.txt")
        try add("d.txt")
        let link = scratch.file("link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: scratch.file("a"))
        try Leftovers.remove(link)
        #expect(try RegularFile.exists(scratch.file("a/b/c.txt")), "what a link leads to stays")
        for name in ["a", "d.txt", "nothing", "d.txt/below"] { try Leftovers.remove(scratch.file(name)) }
        #expect(try FolderWalk.names(in: scratch.folder).isEmpty)
    }

    @Test func equalCommandsMayRemoveTheSameAtOnce() async throws {
        for round in 0..<20 {
            for number in 0..<50 { try add("\(round)/\(number % 5)/\(number).txt") }
            let folder = scratch.file("\(round)")
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { try Leftovers.remove(folder) } }
                try await group.waitForAll()
            }
            #expect(try !RegularFile.exists(folder))
        }
    }
}
