import Foundation
import Pipeline
import Records
import TestSupport
import Testing

/// Folders with files that no reader takes.
@Suite struct UnreadFolderTests {
    @Test func whatIsNotReadIsNamedAmongTheOthers() throws {
        let scratch = try Scratch()
        for name in [
            "a.svs", "1.vsi", "2.vsi", "sub/3.VSI", "x.zip", "b.ome.zarr/0/0", "b.ome.zarr/c.tif", "notes.txt",
        ] {
            try scratch.add(name)
        }
        let list = try SlideList.find(paths: [scratch.folder.path])
        #expect(list.entries.map(\.id.text) == ["a"])
        #expect(
            list.notes == [
                "\(scratch.folder.path): not considered: 3 .vsi (Olympus VSI, not readable), 1 .txt, 1 .zarr (OME-Zarr, not "
                    + "readable), 1 .zip (ZIP archives, to be unpacked)"
            ]
        )
        let folder = try SlideList.find(paths: [scratch.file("b.ome.zarr").path])
        #expect(folder.entries.map(\.id.text) == ["b.ome"])
    }

    @Test func aFolderOfOneUnreadFormatSaysWhatToDo() throws {
        let scratch = try Scratch()
        for name in ["1.vsi", "2.vsi", "x.zip", "y.txt", "z.txt", "n.txt"] { try scratch.add(name) }
        let error = try #require(throws: Failure.self) { try SlideList.find(paths: [scratch.folder.path]) }
        #expect(error.code == .notFound)
        #expect(error.message.contains("; not considered: 3 .txt, 2 .vsi (Olympus VSI, not readable), 1 .zip"))
        #expect(error.message.contains("; Olympus VSI (.vsi): ") && error.message.contains("export it as OME-TIFF"))
        #expect(!error.message.contains("unpack it") && !error.message.contains("\n"))
    }
}
