import Files
import Foundation
import Records
import Storage

/// What the folds of a training said of the slides that they tested, over all of its seeds.
struct TestRecords {
    private(set) var labels: [SlideID: String] = [:]
    private(set) var cases: [SlideID: String] = [:]
    /// Probabilities by class name, one entry a test.
    private var tests: [SlideID: [[String: Double]]] = [:]

    /// - Throws: `StorageError` for a table that cannot be read.
    init(model: String, in layout: JobLayout) throws {
        let training = layout.training.appending(path: model)
        let isSeed = training.lastPathComponent.hasPrefix("seed_")
        let seeds = isSeed ? try Self.folders(training.deletingLastPathComponent(), "seed_") : [training]
        for fold in try seeds.flatMap({ try Self.folders($0, "fold_") }) {
            let url = fold.appending(path: "predictions.csv")
            guard try RegularFile.exists(url) else { continue }
            try Self.record(of: fold, isSeed: isSeed, in: layout)?.check(in: layout) {
                $0.hasSuffix("/predictions.csv")
            }
            for row in try Table(made: url).rows {
                guard let slide = try? SlideID(row["slide_id"]) else { continue }
                labels[slide] = row["label"]
                if row.cells["case_id"]?.isEmpty == false { cases[slide] = row.cells["case_id"] }
                guard row["part"] == "test" else { continue }
                let probabilities = row.cells.compactMap { name, text in
                    name.hasPrefix("prob_")
                        ? Self.finite(text).map { (String(name.dropFirst("prob_".count)), $0) } : nil
                }
                tests[slide, default: []].append(Dictionary(uniqueKeysWithValues: probabilities))
            }
        }
    }

    /// What is on record of a fold's folder.
    private static func record(of fold: URL, isSeed: Bool, in layout: JobLayout) throws -> Outcome? {
        let folder = fold.deletingLastPathComponent()
        let training = isSeed ? folder.deletingLastPathComponent() : folder
        let unit = (isSeed ? "\(folder.lastPathComponent)_" : "") + fold.lastPathComponent
        return try (try? SlideID(unit)).flatMap {
            try layout.record(of: $0, stage: "train_\(training.lastPathComponent)")
        }
    }

    private static func finite(_ text: String) -> Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }

    /// Lowest and highest probability of each class; nil where the slide was not tested several times.
    func ranges(of slide: SlideID, classes: [String]) -> [[Double]]? {
        guard let tests = tests[slide], tests.count > 1 else { return nil }
        let ranges = classes.compactMap { name in
            let values = tests.compactMap { $0[name] }
            return values.min().flatMap { low in values.max().map { [low, $0] } }
        }
        return ranges.count == classes.count ? ranges : nil
    }

    private static func folders(_ folder: URL, _ prefix: String) throws -> [URL] {
        try FolderWalk.names(in: folder).filter { $0.hasPrefix(prefix) }.sorted().map { folder.appending(path: $0) }
    }
}

/// The slides that were tiled.
struct TiledSlides {
    struct Facts {
        var bounds: PixelRect?
        var mpp: Double?
        var quality: JSONValue?
    }

    /// Without facts where a slide has no patch file: it could not be opened.
    private(set) var slides: [SlideID: Facts] = [:]
    private(set) var problems: [Failure] = []

    init(_ layout: JobLayout) throws {
        let folder = layout.outcomes(stage: "tile")
        let names = try FolderWalk.names(in: folder)
        for name in names.sorted() where name.hasSuffix(".json") && !name.hasPrefix(".") {
            do {
                let outcome = try Outcome.read(folder.appending(path: name))
                slides[outcome.unit] = Facts()
                guard let grid = outcome.facts["grid"] else { continue }
                try outcome.check(in: layout) { $0.hasSuffix("_patches.h5") }
                let (facts, attributes) = try PatchFile.read(
                    layout.patches(in: layout.root.appending(path: grid), outcome.unit)
                )
                slides[outcome.unit] = Facts(
                    bounds: facts.bounds,
                    mpp: facts.scale.mpp,
                    quality: attributes["wsi_quality"].flatMap(Self.quality)
                )
            } catch { problems.append(Failure(error)) }
        }
    }

    /// With the figures that the page shows named beside them.
    private static func quality(_ text: String) -> JSONValue? {
        guard let members = try? JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8)) else {
            return nil
        }
        let shown = QualityColumn.figures.filter(\.isOnPage).map { JSONValue.string($0.key) }
        return .object(members.merging(["shown": .array(shown)]) { $1 })
    }
}
