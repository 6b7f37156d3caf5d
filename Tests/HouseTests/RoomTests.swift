import Foundation
import Testing

/// What Package.swift and docs/architecture.md say of the rooms is so.
@Suite struct RoomTests {
    private let manifest: Manifest
    private let architecture: Architecture

    init() throws { (manifest, architecture) = (try Manifest(), try Architecture()) }

    /// What comes with Swift, and needs no declaration.
    private let language: Set = [
        "Darwin", "Dispatch", "Foundation", "FoundationNetworking", "FoundationXML", "Glibc", "Musl", "Synchronization",
        "System", "Testing",
    ]

    @Test func everyTargetDeclaresWhatItImportsAndNothingElse() throws {
        #expect(manifest.targets.count > 40)
        for target in manifest.targets {
            // Of a library of C, what it includes.
            guard !House.files("swift", below: target.folder).isEmpty else { continue }
            let imports = try House.imports(below: target.folder).subtracting(language)
            #expect(target.dependencies == imports, "\(target.name), in Package.swift and in \(target.folder)")
        }
    }

    @Test func everyFolderOfSourcesAndOfTestsIsATarget() throws {
        let folders = Set(manifest.targets.map(\.folder))
        for room in try House.folders("Sources") { #expect(folders.contains("Sources/\(room)")) }
        for tests in try House.folders("Tests") where !House.files("swift", below: "Tests/\(tests)").isEmpty {
            // scripts/fuzz builds these.
            #expect(folders.contains("Tests/\(tests)") || tests == "Fuzz")
        }
    }

    @Test func everyRoomHasItsRowAndEveryRowItsRoom() throws {
        let rooms = try House.folders("Sources")
        #expect(rooms.filter { architecture.row(of: $0) == nil } == [])
        #expect(architecture.names.subtracting(rooms) == [])
    }

    @Test func roomsImportOnlyRoomsBelow() throws {
        for target in manifest.targets where target.folder.hasPrefix("Sources/") {
            let own = try #require(architecture.row(of: target.name), "\(target.name)")
            for name in target.dependencies {
                // A product of another package stands in no row.
                guard manifest.targets.contains(where: { $0.name == name }) else { continue }
                let row = try #require(architecture.row(of: name), "\(name)")
                // A library of C may stand in the row of the room that is its door.
                let isBelow = row > own || row == own && name.first == "C" && name != target.name
                #expect(isBelow, "\(target.name) imports \(name)")
            }
        }
    }

    @Test func noFileOfSwiftIsLongerThan300Lines() throws {
        let files = ["Sources", "Tests", "Benchmarks"].flatMap { House.files("swift", below: $0) }
        #expect(files.count > 500)
        for file in files {
            let lines = try House.text(file).utf8.count { $0 == UInt8(ascii: "\n") }
            #expect(lines <= 300, "\(file)")
        }
    }
}
