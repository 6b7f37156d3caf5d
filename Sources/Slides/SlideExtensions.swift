import Foundation

/// Endings of slide files: those that folders are searched for, and those that a name in a table may end with.
public enum SlideExtensions {
    /// Of all formats that are read, in lower case.
    public static let readable = Set(SlideFormat.all.flatMap(\.endings))

    /// For help and messages, sorted.
    public static let readableText = readable.sorted().joined(separator: ", ")

    /// Of files beside which a folder of the same name holds nothing but their own parts.
    public static let withOwnFolder = Set(
        SlideFormat.all.filter { $0.files == .withFolder }.flatMap(\.endings)
    )

    /// What is said of files with an ending that folders are not searched for, such as `Olympus VSI, not readable`; nil for one
    /// that says nothing of slides.
    public static func note(on ending: String) -> String? { unread(ending)?.note }

    /// What to do with files of an ending that is not read; nil for one that says nothing of slides.
    public static func wayOut(of ending: String) -> String? {
        unread(ending).map { "\($0.name) (.\(ending)): \($0.wayOut)" }
    }

    /// Of folders that are one slide each, none of which is read.
    public static let unreadFolders = Set(UnreadFormat.all.filter(\.isFolder).flatMap(\.endings))

    private static func unread(_ ending: String) -> UnreadFormat? {
        readable.contains(ending) ? nil : UnreadFormat.of(ending: ending)
    }

    /// A name without the ending that slides have; nil where it has none of these. What follows a dot may as well be a part
    /// of the name, as in TCGA's `TCGA-CR-7395-01A-01-TS1.8a8b3b2a`.
    public static func removed(from name: String) -> String? {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let ending = name[name.index(after: dot)...].lowercased()
        return readable.contains(ending) || UnreadFormat.endingsOfSlides.contains(ending) ? String(name[..<dot]) : nil
    }
}
