import Config
import Foundation
import Storage
import Testing

@testable import Pipeline

/// The names and shapes of the real architectures, which libraries built without weights (scripts/import-references).
@Suite struct PresetTests {
    struct Model: Decodable {
        var library: String
        var model: String
        /// Blocks of the same shape in one: `blocks.{0..23}.norm1.weight`.
        var tensors: [String: [Int]]

        var entries: [String: WeightsFile.Entry] {
            var entries: [String: WeightsFile.Entry] = [:]
            for (pattern, shape) in tensors {
                for name in Self.names(pattern) {
                    let isWhole = name.hasSuffix("num_batches_tracked") || name.hasSuffix("relative_position_index")
                    let kind = isWhole ? StoredTensor.Kind.int64 : .float32
                    entries[name] = WeightsFile.Entry(kind: kind, shape: shape)
                }
            }
            return entries
        }

        private static func names(_ pattern: String) -> [String] {
            guard let range = pattern.firstMatch(of: #/\{(\d+)\.\.(\d+)\}/#), let first = Int(range.output.1),
                let last = Int(range.output.2)
            else { return [pattern] }
            return (first...last).map { pattern.replacingCharacters(in: range.range, with: "\($0)") }
        }
    }

    static let models = Result {
        let data = try Data(contentsOf: ImportReference.folder.appending(path: "presets.json"))
        return try JSONDecoder().decode([String: Model].self, from: data)
    }

    /// Those whose names a library gives.
    static let proven = EncoderPreset.all.filter { if case .library = $0.proof { true } else { false } }.map(\.name)

    @Test func everyProvenPresetHasTheNamesOfItsLibraryAndNoOtherDoes() throws {
        #expect(Set(try Self.models.get().keys) == Set(Self.proven))
    }

    @Test(arguments: proven) func everyTensorOfTheRealArchitectureIsMappedOnce(name: String) throws {
        let preset = try #require(EncoderPreset.named(name))
        let model = try #require(Self.models.get()[name])
        #expect(preset.proof == .library(model.library))
        let entries = model.entries
        let imported = try ImportedModel(entries, ModelFacts(preset), preset, path: name)
        #expect(imported.architecture == preset.architecture, "\(name)")
        #expect(imported.input == preset.preprocessing.input)
        #expect(imported.entries.values.allSatisfy { $0.kind.isFloating })
    }

    /// Which files others would be: those of one shape cannot be told apart, and the others can.
    @Test func aViTOfAnotherSizeIsNotTakenForUNI() throws {
        let entries = try #require(Self.models.get()["phikon"]).entries
        let phikon = try #require(EncoderPreset.named("phikon"))
        let imported = try ImportedModel(entries, ModelFacts(phikon), nil, path: "")
        let alike = EncoderPreset.all.filter { imported.hasShape(of: $0.architecture) }.map(\.name)
        #expect(alike == ["phikon", "kaiko-b16"])
    }
}
