import Foundation
import Testing

/// What scripts and pages list is what is there.
@Suite struct ListTests {
    private let manifest: Manifest

    init() throws { manifest = try Manifest() }

    private func words(_ text: Substring) -> [String] { text.split(separator: " ").map(String.init) }

    @Test func theRoomsThatFuzzTargetsReadAreBuiltForThem() throws {
        let script = try House.text("scripts/fuzz")
        let built = try words(#require(script.firstMatch(of: /for room in ([\w ]+); do/)).1)
        let linked = try #require(script.firstMatch(of: #/\{([\w,]+)\}\.o /#)).1.split(separator: ",").map(String.init)
        let watched = try words(#require(script.firstMatch(of: /newest ((Sources\/\w+ ?)+)/)).1)
        #expect(linked == built)
        #expect(Set(built.map { "Sources/\($0)" }).subtracting(watched) == [])
        let own = Set(try House.folders("Sources"))
        let needed = try House.imports(below: "Tests/Fuzz").intersection(own)
        let libraries = try words(#require(script.firstMatch(of: /for name in ([\w ]+); do/)).1)
        #expect(needed.subtracting(built + libraries) == [])
        // Each is built after those that it imports.
        for (place, room) in built.enumerated() {
            let imports = try #require(manifest.targets.first { $0.name == room }).dependencies.intersection(own)
            #expect(
                imports.filter { $0.first != "C" || built.contains($0) }.subtracting(built[..<place]) == [],
                "\(room)"
            )
        }
    }

    @Test func everyFuzzTargetHasInputsToBeginWith() throws {
        let targets = House.files("swift", below: "Tests/Fuzz").compactMap { file in
            file.wholeMatch(of: /Tests\/Fuzz\/(\w+)\.swift/).map { String($0.1) }
        }
        #expect(targets.filter { $0 != "FuzzInput" } == (try House.folders("Tests/Fuzz/corpus")))
        #expect(targets.contains("FuzzInput"))
    }

    @Test func whatTheMakefileFiltersAreTargets() throws {
        let filters = try House.text("Makefile").matches(of: /(--filter '|FILTER=)([A-Za-z|]*Tests)\b/)
        let names = filters.flatMap { $0.2.split(separator: "|").map(String.init) }.filter { $0 != "Tests" }
        #expect(names.count > 5)
        #expect(Set(names).subtracting(manifest.targets.map(\.name)) == [])
    }

    @Test func everyGoldenFileHasItsLineOfOrigin() throws {
        let folder = House.root.appending(path: "Tests/Golden")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0 != "README.md" }
        let cases = Set(files.map { String($0.prefix { $0 != "." }) })
        let told = try House.text("Tests/Golden/README.md").matches(of: /(?m)^\| `(\w+)` \|/).map { String($0.1) }
        #expect(Set(told) == cases && told.count == cases.count)
        for name in cases { #expect(files.contains("\(name).json") && files.contains("\(name).safetensors")) }
    }
}
