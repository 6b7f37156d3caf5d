import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct FeatureFileTests {
    private func rows(_ count: Int, _ width: Int) -> [Float] { (0..<count * width).map { Float($0) * 0.25 - 3 } }

    private func writer(_ url: URL, _ grid: PatchGrid, width: Int) throws -> FeatureWriter {
        try FeatureWriter(
            to: url,
            grid: grid,
            width: width,
            encoder: "he-texture-v1",
            attributes: ["wsi_fingerprint": "abc", "wsi_encoder_digest": "def", "wsi_licence": "Apache-2.0"]
        )
    }

    @Test func rowsComeBackWithTheirGridAndFacts() throws {
        let scratch = try Scratch()
        let grid = try sampleGrid(count: 300)
        let writer = try writer(scratch.file("a.h5"), grid, width: 33)
        let values = rows(300, 33)
        try writer.append(Array(values[..<(100 * 33)]))
        try writer.append(Array(values[(100 * 33)...]))
        let digest = try writer.finish()
        #expect(try digest == Digest.sha256(fileAt: scratch.file("a.h5")))
        let file = try FeatureFile(contentsOf: scratch.file("a.h5"))
        #expect(file.features == values)
        #expect(file.count == 300 && file.width == 33)
        #expect(file.grid == grid && file.corners == grid.corners && file.sideLevel0 == 512)
        #expect(file.encoder == "he-texture-v1")
        #expect(
            file.attributes == [
                "wsi_encoder": "he-texture-v1", "wsi_fingerprint": "abc", "wsi_encoder_digest": "def",
                "wsi_licence": "Apache-2.0",
            ]
        )
        #expect(scratch.names == ["a.h5"])
    }

    @Test func theRowsCanBeMappedAtAPageBorder() throws {
        let scratch = try Scratch()
        let writer = try writer(scratch.file("a.h5"), try sampleGrid(count: 100), width: 64)
        try writer.append(rows(100, 64))
        _ = try writer.finish()
        let offset = try #require(try HDF5File.open(scratch.file("a.h5")).dataset("features").offset)
        #expect(offset % 4096 == 0)
        let bytes = try Data(contentsOf: scratch.file("a.h5"))[offset..<offset + 100 * 64 * 4]
        #expect(bytes == rows(100, 64).withUnsafeBytes { Data($0) })
    }

    @Test func twoWritesGiveTheSameBytes() throws {
        let scratch = try Scratch()
        let digests = try ["a.h5", "b.h5"].map { name in
            let writer = try writer(scratch.file(name), try sampleGrid(count: 50), width: 7)
            try writer.append(rows(50, 7))
            return try writer.finish()
        }
        #expect(digests[0] == digests[1])
    }

    @Test func unreadablePatchesLeaveTheirCoordinatesButNoRow() throws {
        let scratch = try Scratch()
        let grid = try sampleGrid(count: 6)
        let writer = try writer(scratch.file("a.h5"), grid, width: 2)
        try writer.append(rows(4, 2))
        _ = try writer.finish(keptRows: [0, 2, 3, 5])
        let file = try FeatureFile(contentsOf: scratch.file("a.h5"))
        #expect(file.features == rows(4, 2))
        #expect(file.corners == [0, 2, 3, 5].map { grid.corners[$0] })
        #expect(file.unreadable == [1, 4].map { grid.corners[$0] })
        #expect(scratch.names == ["a.h5"])
    }

    @Test func anEmptySlideIsALegalFile() throws {
        let scratch = try Scratch()
        _ = try writer(scratch.file("a.h5"), try sampleGrid(count: 0), width: 256).finish()
        let file = try FeatureFile(contentsOf: scratch.file("a.h5"))
        #expect(file.count == 0 && file.width == 256 && file.features.isEmpty && file.corners.isEmpty)
    }

    @Test func anInfinityIsRefusedWithItsRow() throws {
        let scratch = try Scratch()
        let writer = try writer(scratch.file("a.h5"), try sampleGrid(count: 4), width: 3)
        try writer.append(rows(2, 3))
        var bad = rows(2, 3)
        bad[4] = .infinity
        #expect(throws: StorageError.nonFinite(path: scratch.file("a.h5").path, row: 3)) { try writer.append(bad) }
        writer.cancel()
        #expect(scratch.names.isEmpty)
    }

    @Test func tooFewOrTooManyRowsNeverBecomeAFile() throws {
        let scratch = try Scratch()
        let short = try writer(scratch.file("a.h5"), try sampleGrid(count: 4), width: 3)
        try short.append(rows(3, 3))
        #expect(throws: StorageError.self) { try short.finish() }
        let long = try writer(scratch.file("a.h5"), try sampleGrid(count: 4), width: 3)
        #expect(throws: StorageError.self) { try long.append(rows(5, 3)) }
        long.cancel()
        #expect(scratch.names.isEmpty)
    }

    @Test func aForgottenWriterLeavesNothing() throws {
        let scratch = try Scratch()
        do {
            let writer = try writer(scratch.file("a.h5"), try sampleGrid(count: 4), width: 3)
            try writer.append(rows(4, 3))
        }
        #expect(scratch.names.isEmpty)
    }

    /// The file size limit stands in for a full disk: the system refuses the space in the same place.
    @Test func aFullDiskIsSaidBeforeTheFirstRowAndLeavesNothing() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let scratch = try Scratch()
            do {
                _ = try FeatureWriter(
                    to: scratch.file("a.h5"),
                    grid: try sampleGrid(count: 2000),
                    width: 512,
                    encoder: "e",
                    attributes: [:]
                )
                Issue.record("4 MB were promised where 1 MB is allowed")
            } catch let error as StorageError {
                #expect(error.code == .noSpace)
            }
            #expect(scratch.names.isEmpty)
        }
    }

    @Test func evenTheFrameOfAFileMayNotFit() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1 << 10, rlim_max: 1 << 10)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let scratch = try Scratch()
            let grid = try sampleGrid(count: 2000)
            for attempt in [
                {
                    _ = try FeatureWriter(to: scratch.file("a.h5"), grid: grid, width: 1, encoder: "e", attributes: [:])
                },
                { try PatchFile.write(grid, attributes: [:], to: scratch.file("b.h5")) },
            ] {
                do {
                    try attempt()
                    Issue.record("a file of 32 KB was written where 1 KB is allowed")
                } catch let error as StorageError {
                    #expect(error.code == .noSpace)
                }
            }
            #expect(scratch.names.isEmpty)
        }
    }
}
