import Files
import Foundation
import Records
import Storage

/// Opens a slide so that a fault of the machine cannot pass for what the slide is. Readers open and read the file
/// many times for one slide, and leave out what they do not get: a level, all levels from one on, the scale. So whatever a
/// slide says of itself has to be said twice, and where both fail the system is asked for the bytes.
struct SlideOpening {
    typealias Opened = (reader: any SlideReader, account: SlideAccount)

    /// For messages.
    let file: String
    let files: SlideFiles
    let rules: ReadingRules

    init(_ files: SlideFiles, file: String, rules: ReadingRules = ReadingRules()) {
        (self.files, self.file, self.rules) = (files, file, rules)
    }

    /// - Throws: `SlideError.unreadable` where no reader takes the slide, `.system` and `.unsteady` where it is the
    ///   machine that fails.
    func twice() throws -> Opened {
        // Before OpenSlide: of what the disk does not give it may crash.
        try ofMachine { try StorageError.retrying { _ = try TIFFWalk(OpenFile(files.main)) } }
        if let refusal = try refusalOfIndex() { throw refusal }
        switch (try once(), try once()) {
        case (.success(let first), .success(let second)):
            if first.account == second.account { return first }
            throw SlideError.unsteady(file: file, "opened twice, \(first.account.difference(from: second.account))")
        case (.failure(let fault), .failure):
            // What is refused was read well enough to say so.
            if let refusal = fault.refusal { throw try lackOfBytes() ?? refusal }
            if let fault = self.fault() { throw fault }
            throw try refusal(fault)
        case (.success(let opened), .failure), (.failure, .success(let opened)):
            if case .success(let third) = try once(), third.account == opened.account { return third }
            throw fault() ?? SlideError.unsteady(file: file, "it opens at one time and not at another")
        }
    }

    /// Opens anew what was open before.
    /// - Throws: as `twice`; `SlideError.unsteady` where it says another thing than then.
    func again(_ account: SlideAccount) throws -> any SlideReader {
        for _ in 0..<2 { if case .success(let opened) = try once(), opened.account == account { return opened.reader } }
        throw fault() ?? SlideError.unsteady(file: file, "opened again, it is another than before")
    }

    private func once() throws -> Result<Opened, SlideFault> {
        do {
            return .success(
                try ofMachine {
                    let reader = try SlideReading.open(files, rules)
                    return (reader, try reader.account())
                }
            )
        } catch let fault as SlideFault { return .failure(fault) }
    }

    /// Reads every byte of the slide: why the machine does not give them, or nil where it does and the slide is to blame.
    func fault() -> SlideError? {
        if let fault = Self.lackOfMemory(file) { return fault }
        return fault { for url in files.all { try Self.probe(url) } }
    }

    /// As `fault`, of what a read of a level needs.
    /// - Parameter part: in pixels of the level.
    /// - Returns: also whether it is known of this part at all.
    func fault(reading part: PixelRect, ofLevel size: PixelSize) -> (isKnown: Bool, fault: SlideError?) {
        if let fault = Self.lackOfMemory(file) { return (true, fault) }
        var isKnown = false
        let found = fault {
            guard let walk = try TIFFWalk(OpenFile(files.main)) else { return }
            isKnown = try walk.probe(part, ofLevel: size)
        }
        return (isKnown || found != nil, found)
    }

    private static func probe(_ url: URL) throws {
        guard case .regular = RegularFile.kind(of: url.path) else { return }
        let file = try OpenFile(url)
        try file.probe(0..<file.count)
    }

    private func fault(_ read: () throws -> Void) -> SlideError? {
        do { try ofMachine(read) } catch { return error as? SlideError }
        return nil
    }

    func ofMachine<Result>(_ read: () throws -> Result) throws -> Result {
        do { return try read() } catch StorageError.system(let path, let call, let code) {
            throw SlideError.system(file: shown(path), call: call, errno: code)
        }
    }

    /// Of a slide of several files the one that is at fault.
    private func shown(_ path: String) -> String {
        let name = (path as NSString).lastPathComponent
        return files.companions.isEmpty || name == file ? file : "\(name), a part of the slide"
    }

    /// Decoders that get no memory say of the slide that it is damaged.
    private static func lackOfMemory(_ file: String) -> SlideError? {
        guard let some = malloc(enoughMemory) else {
            return .system(file: file, call: "allocate memory", errno: ENOMEM)
        }
        free(some)
        return nil
    }

    private static let enoughMemory = 32 << 20
}

extension Slide {
    /// Reads every byte of a slide that could not be worked on: why the machine does not give them, or nil where it does.
    public static func machineFault(at path: String) -> SlideError? {
        let file = (path as NSString).lastPathComponent
        do { return SlideOpening(try files(path, file), file: file).fault() } catch {
            if case .system = error { return error }
            return nil
        }
    }
}
