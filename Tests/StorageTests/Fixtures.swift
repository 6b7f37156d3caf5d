import Foundation
import Records
import Testing

/// A folder that goes away with the test.
final class Scratch {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "wsi-storage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ name: String) -> URL { folder.appending(path: name) }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? [] }
}

func sampleGrid(count: Int, slide: String = "Fall 12-ä") throws -> PatchGrid {
    PatchGrid(
        slide: try SlideID(slide),
        geometry: PatchGeometry(
            patchSize: 256,
            overlap: 0,
            targetMPP: 0.5,
            mpp: 0.499,
            sideLevel0: 512,
            stepLevel0: 512,
            level: 1,
            levelDownsample: 2.0001,
            sideAtLevel: 256
        ),
        scale: SlideScale(mpp: 0.2495, source: .property),
        slideSize: PixelSize(width: 46_000, height: 32_914),
        bounds: PixelRect(x: 10, y: 20, width: 45_000, height: 32_000),
        corners: (0..<count).map { PixelPoint(x: $0 % 80 * 512, y: $0 / 80 * 512) }
    )
}
