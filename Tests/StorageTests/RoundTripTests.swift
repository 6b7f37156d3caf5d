import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

/// What is written into the files of a job is read again, whatever it is.
@Suite struct RoundTripTests {
    private let scratch: Scratch
    private var url: URL { scratch.file("a.h5") }

    init() throws { scratch = try Scratch() }

    /// Patches in no order.
    private func grid(_ random: inout CounterRandom) throws -> PatchGrid {
        var grid = try sampleGrid(count: 1 + random.index(below: 30))
        grid.corners = grid.corners.reordered(&random)
        grid.scale.mpp = random.uniform(0.1, 1)
        grid.geometry.mpp = random.uniform(0.1, 2)
        return grid
    }

    private func floats(_ random: inout CounterRandom, _ count: Int) -> [Float] {
        (0..<count).map { _ in random.float() }
    }

    @Test(arguments: seeds(20)) func patches(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "patches")
        let grid = try grid(&random)
        let quality = PatchQuality(
            tissue: floats(&random, grid.count),
            ink: random.index(below: 2) == 0 ? nil : floats(&random, grid.count),
            dark: nil,
            focus: floats(&random, grid.count),
            outside: floats(&random, grid.count)
        )
        let attributes = ["wsi_fingerprint": random.text(), "wsi_words": random.text()]
        try PatchFile.write(grid, quality: quality, attributes: attributes, to: url)
        let read = try PatchFile.read(url)
        #expect(read.grid == grid && read.attributes == attributes)
        let file = try HDF5File.open(url)
        for (name, values) in quality.columns { #expect(try file.dataset(name).floats() == values, "\(name)") }
    }

    @Test(arguments: seeds(20)) func features(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "features")
        let (grid, width) = (try grid(&random), 1 + random.index(below: 9))
        // Rows of patches that could not be read are not there.
        let kept = grid.corners.indices.filter { $0 == 0 || random.index(below: 4) > 0 }
        let rows = floats(&random, kept.count * width)
        let words = random.text()
        let writer = try FeatureWriter(
            to: url,
            grid: grid,
            width: width,
            encoder: "uni",
            attributes: ["wsi_fingerprint": words]
        )
        try writer.append(rows)
        _ = try writer.finish(keptRows: kept)
        let file = try FeatureFile(contentsOf: url)
        #expect(file.count == kept.count && file.width == width && file.features == rows)
        #expect(file.corners == kept.map { grid.corners[$0] } && file.attributes["wsi_fingerprint"] == words)
        #expect(Set(file.unreadable) == Set(grid.corners).subtracting(file.corners))
    }

    @Test(arguments: seeds(20)) func predictions(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "predictions")
        let grid = try grid(&random)
        let classes = random.names(2 + random.index(below: 3))
        let hasGrid = random.index(below: 2) == 0
        let prediction = Prediction(
            slide: grid.slide,
            answer: .class(
                ClassAnswer(
                    classes.map { _ in random.uniform() },
                    threshold: classes.count == 2 ? random.uniform() : nil
                )
            ),
            branchAttention: (0...random.index(below: 4)).map { _ in floats(&random, grid.count) },
            attention: floats(&random, grid.count),
            corners: grid.corners
        )
        let file = PredictionFile(
            prediction: prediction,
            classes: classes,
            model: random.text(),
            folds: (0...random.index(below: 4)).map { $0 },
            grid: hasGrid ? grid : nil,
            sideLevel0: hasGrid ? nil : 1 + random.index(below: 1000),
            bagPatches: grid.count + random.index(below: 100),
            attributes: ["wsi_fingerprint": random.text(), "wsi_encoder": random.text()]
        )
        try file.write(to: url)
        #expect(try PredictionFile(contentsOf: url) == file)
    }

    @Test(arguments: seeds(20)) func maps(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "maps")
        let corners = try grid(&random).corners
        let maps = random.names(1 + random.index(below: 4)).map { name in
            (name: name, quantity: random.text(), values: floats(&random, corners.count))
        }
        let (percentile, words) = (floats(&random, corners.count), random.text())
        try MapFile.write(
            corners: corners,
            side: 512,
            maps: maps,
            percentile: percentile,
            attributes: ["wsi_slide": words],
            to: url
        )
        let file = try HDF5File.open(url)
        #expect(try file.dataset("maps").shape == [maps.count, corners.count])
        #expect(try file.dataset("maps").floats() == maps.flatMap(\.values))
        #expect(try file.dataset("percentile").floats() == percentile)
        #expect(try GridFacts.corners(file.dataset("coords"), in: file, scale: 1) == corners)
        #expect(try file.root.value("wsi_slide")?.text == words)
        for (key, wanted) in [("wsi_maps", maps.map(\.name)), ("wsi_quantities", maps.map(\.quantity))] {
            let text = try #require(file.root.value(key)?.text)
            #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == wanted)
        }
    }

    @Test(arguments: seeds(20)) func outcomes(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "outcomes")
        func texts() -> [String: String] {
            let names = random.names(random.index(below: 5))
            return Dictionary(uniqueKeysWithValues: names.map { ($0, random.text()) })
        }
        let figures = random.names(random.index(below: 5)).map { ($0, Double(random.float())) }
        var outcome = Outcome(
            unit: try UnitID("one"),
            stage: .tile,
            status: .ok,
            fingerprint: Fingerprint(stage: "tile", parameters: texts(), inputs: texts()),
            figures: Dictionary(uniqueKeysWithValues: figures),
            facts: texts(),
            outputs: texts()
        )
        outcome.sizes = outcome.outputs.mapValues { _ in random.index(below: 1 << 40) }
        outcome.notes = random.names(random.index(below: 3))
        try outcome.write(to: scratch.file("one.json"))
        #expect(try Outcome.read(scratch.file("one.json")) == outcome)
    }

    @Test(arguments: seeds(20)) func tensors(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "tensors")
        var tensors: [String: StoredTensor] = [:]
        for name in random.names(1 + random.index(below: 6)) {
            let kind = StoredTensor.Kind.allCases[random.index(below: StoredTensor.Kind.allCases.count)]
            let shape = (0..<random.index(below: 4)).map { _ in 1 + random.index(below: 4) }
            let count = shape.reduce(1, *) * kind.width
            let bytes = Data((0..<count).map { _ in UInt8(random.index(below: kind == .bool ? 2 : 256)) })
            tensors[name] = StoredTensor(kind: kind, shape: shape, bytes: bytes)
        }
        let metadata = Dictionary(
            uniqueKeysWithValues: random.names(random.index(below: 3)).map { ($0, random.text()) }
        )
        let file = SafeTensors(tensors: tensors, metadata: metadata)
        try file.write(to: scratch.file("a.safetensors"))
        #expect(try SafeTensors(contentsOf: scratch.file("a.safetensors")) == file)
    }
}
