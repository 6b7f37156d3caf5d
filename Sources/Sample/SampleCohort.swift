import Files
public import Foundation
import Imaging
import Records
import Storage

/// The synthetic cohort of `wsi sample`: slides, labels and the outlines of the foci.
///
///     DIR/slides/sample_001.svs …     DIR/labels.csv     DIR/outcomes.csv     DIR/annotations/sample_001.geojson …     DIR/recipe.json
///
/// The recipe is written last: it holds the options and the SHA-256 of every file, so that a second run needs only to hash.
public enum SampleCohort {
    /// What a run did.
    public struct Report: Equatable, Sendable {
        public var written: Int
        /// Files that were there already with the right content.
        public var kept: Int
    }

    /// Raised with every change that alters a pixel.
    private static let formatVersion = 1

    private struct Recipe: Codable, Equatable {
        var formatVersion: Int
        var options: SampleOptions
        /// SHA-256 by path relative to the cohort.
        var files: [String: String]

        private enum CodingKeys: String, CodingKey {
            case formatVersion = "format_version"
            case options, files
        }
    }

    /// One file of a slide and how it came to be there.
    private struct Product: Sendable {
        var path: String
        var digest: String
        var isNew: Bool
    }

    /// The folders that a cohort's files lie in.
    public static func folders(of cohort: URL) -> [URL] {
        [cohort, cohort.appending(path: "slides"), cohort.appending(path: "annotations")]
    }

    /// Writes the cohort, several slides at a time; the result does not depend on how many.
    /// - Parameters:
    ///   - concurrency: slides at work at once.
    ///   - progress: called with the finished and the wanted number of slides, from one task at a time.
    /// - Throws: `SampleError.inTheWay` where a file of other content stands; `CancellationError`; what `PyramidWriter` throws.
    @discardableResult
    public static func write(
        to folder: URL,
        options: SampleOptions = .init(),
        concurrency: Int = ProcessInfo.processInfo.activeProcessorCount,
        progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> Report {
        let plan = try CohortPlan(options)
        let recipeFile = folder.appending(path: "recipe.json")
        let before = try earlierRecipe(recipeFile)
        if let before, before.formatVersion != formatVersion || before.options != options {
            throw SampleError.inTheWay(path: recipeFile.path)
        }
        let known = before?.files ?? [:]
        var products = [
            try put(labels(plan), "labels.csv", in: folder, known: known),
            try put(
                Data(SampleOutcomes.table(plan, seed: options.seed).utf8),
                "outcomes.csv",
                in: folder,
                known: known
            ),
        ]
        products += try await withThrowingTaskGroup(of: [Product].self) { group in
            var waiting = plan.slides[...]
            var collected: [Product] = []
            var done = 0
            for slide in waiting.prefix(max(1, concurrency)) {
                waiting.removeFirst()
                group.addTask { try make(slide, seed: options.seed, in: folder, known: known) }
            }
            while let made = try await group.next() {
                collected += made
                done += 1
                progress(done, plan.slides.count)
                guard let slide = waiting.popFirst() else { continue }
                group.addTask { try make(slide, seed: options.seed, in: folder, known: known) }
            }
            return collected
        }
        let files = Dictionary(uniqueKeysWithValues: products.map { ($0.path, $0.digest) })
        let recipe = Recipe(formatVersion: formatVersion, options: options, files: files)
        if recipe != before { try CanonicalJSON.write(recipe, to: recipeFile) }
        return Report(written: products.count { $0.isNew }, kept: products.count { !$0.isNew })
    }

    private static func earlierRecipe(_ file: URL) throws -> Recipe? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        guard let recipe = try? CanonicalJSON.read(Recipe.self, from: file) else {
            throw SampleError.inTheWay(path: file.path)
        }
        return recipe
    }

    private static func labels(_ plan: CohortPlan) -> Data {
        let rows = plan.slides.map { [$0.id.text, $0.caseID, CohortPlan.classes[$0.isTumour ? 1 : 0]] }
        return Data(Table.text(header: ["slide_id", "case_id", "label"], rows: rows).utf8)
    }

    /// Makes a slide and its annotation, or leaves them alone where the recipe vouches for both.
    private static func make(
        _ slide: SlidePlan,
        seed: UInt64,
        in folder: URL,
        known: [String: String]
    ) throws -> [Product] {
        try Task.checkCancellation()
        let slidePath = "slides/\(slide.id.text).svs"
        let outlinePath = "annotations/\(slide.id.text).geojson"
        if let image = try kept(slidePath, in: folder, known: known),
            let outline = try kept(outlinePath, in: folder, known: known)
        {
            return [image, outline]
        }
        let painter = SlidePainter(plan: slide, seed: seed)
        let outlines = try GeoJSON(fociOf: painter.map).indented(originIn: .collection)
        return [
            try put(painter, slidePath, in: folder), try put(outlines, outlinePath, in: folder, known: known),
        ]
    }

    /// A file that stands with the recorded content; nil where there is none or no record.
    private static func kept(_ path: String, in folder: URL, known: [String: String]) throws -> Product? {
        let file = folder.appending(path: path)
        guard let wanted = known[path], FileManager.default.fileExists(atPath: file.path) else { return nil }
        guard try Digest.sha256(fileAt: file) == wanted else { throw SampleError.inTheWay(path: file.path) }
        return Product(path: path, digest: wanted, isNew: false)
    }

    private static func put(_ content: Data, _ path: String, in folder: URL, known: [String: String]) throws -> Product
    {
        let file = folder.appending(path: path)
        let digest = Digest.sha256(content)
        guard FileManager.default.fileExists(atPath: file.path) else {
            try AtomicFile.write(content, to: file)
            return Product(path: path, digest: digest, isNew: true)
        }
        guard try Digest.sha256(fileAt: file) == digest else { throw SampleError.inTheWay(path: file.path) }
        return Product(path: path, digest: digest, isNew: false)
    }

    /// Paints a slide; where one stands already (a run was interrupted before its recipe), compares.
    private static func put(_ painter: SlidePainter, _ path: String, in folder: URL) throws -> Product {
        let file = folder.appending(path: path)
        guard FileManager.default.fileExists(atPath: file.path) else {
            try PyramidWriter.write(painter, to: file)
            return Product(path: path, digest: try Digest.sha256(fileAt: file), isNew: true)
        }
        let digest = try AtomicFile.discarding(beside: file) { fresh in
            try PyramidWriter.write(painter, to: fresh)
            return try Digest.sha256(fileAt: fresh)
        }
        guard try Digest.sha256(fileAt: file) == digest else { throw SampleError.inTheWay(path: file.path) }
        return Product(path: path, digest: digest, isNew: false)
    }
}
