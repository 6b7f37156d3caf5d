import Files
import Foundation
import Records
import Storage

extension SlideOpening {
    /// What is wrong with a file that no reader opens and whose bytes the machine gives.
    /// - Throws: `SlideError.system` where by now it does not.
    func refusal(_ fault: SlideFault) throws -> SlideError {
        var refusal = SlideError.unopened(
            file: file,
            bytes: files.bytes,
            reason: files.named(file, in: fault.text)
        )
        func damaged(_ reason: String) -> SlideError { .unreadable(file: file, bytes: files.bytes, reason: reason) }
        try ofMachine {
            guard files.bytes > 0 else { return refusal = damaged("the file is empty") }
            // Of OpenSlide 4, where a file ends before what it says to have.
            if fault.text.contains("Short read of file") { return refusal = damaged(files.named(file, in: fault.text)) }
            let open = try OpenFile(files.main)
            let head = try open.read(UnreadFormat.headBytes, at: 0)
            if let format = UnreadFormat.of(files.main, head: head) {
                // The reader has said more; a MIRAX begins as a plain picture.
                let isKnown = !fault.isOfUnknownFormat
                let isMirax = SlideFormat.of(ending: files.main.pathExtension) == .mirax
                if isKnown, isMirax || format.name == UnreadFormat.otherDICOM { return }
                let name = format.name(of: files.main)
                // What a reader says that knows the format is the cause.
                let words = fault.isOfUnknownFormat ? "" : " (\(files.named(file, in: fault.text)))"
                refusal = .unread(format: name + words, wayOut: format.wayOut)
            } else if let tiff = try UnreadTIFF(open) {
                switch tiff {
                case .cut(let reason): refusal = damaged(reason)
                case .kind(let name, let wayOut):
                    if fault.isOfUnknownFormat { refusal = .unread(format: name, wayOut: wayOut) }
                }
            } else if Self.endingsOfTIFF.contains(files.main.pathExtension.lowercased()) {
                refusal = damaged("it does not begin as a TIFF, which .\(files.main.pathExtension) files are")
            }
        }
        return refusal
    }

    /// Why a slide of several files is not read, told by the one that names the others; nil where nothing stands against it.
    func refusalOfIndex() throws -> SlideError? {
        var (found, kind): (IndexObjection?, String) = (nil, "MIRAX")
        try ofMachine {
            if let mirax = try MiraxIndex(of: files.main) { return found = try mirax.objection() }
            let index = try HamamatsuIndex(files.main)
            (found, kind) = (try index.objection(to: files.main), index.name)
        }
        return found.map { objection in
            switch objection {
            case .missing(let name):
                .unread(
                    format: "\(kind) without its file \(name)",
                    wayOut: "it is a part of the slide: copy it to where it was, under that name"
                )
            case .outside(let name):
                .unread(
                    format: "\(kind) that names a file outside of its folder, \(name)",
                    wayOut: "put the files of the slide beside it, and name them so in it"
                )
            case .content(let what, let wayOut): .unread(format: "\(kind) \(what)", wayOut: wayOut)
            }
        }
    }

    /// Why a TIFF lacks bytes that it names; nil where it does not. A reader's own words would hide that.
    func lackOfBytes() throws -> SlideError? {
        var found: SlideError?
        try ofMachine {
            if case .cut(let reason) = try UnreadTIFF(OpenFile(files.main)) {
                found = .unreadable(file: file, bytes: files.bytes, reason: reason)
            }
        }
        return found
    }

    /// What is named as a slide and is a folder.
    static func refusal(ofFolder folder: URL) -> SlideError {
        if let format = UnreadFormat.of(ending: folder.pathExtension), format.isFolder {
            return .unread(format: format.name, wayOut: format.wayOut)
        }
        return .unread(format: "a folder", wayOut: "name the slide that lies in it")
    }

    private static let endingsOfTIFF: Set<String> = ["bif", "ndpi", "scn", "svs", "tif", "tiff"]
}
