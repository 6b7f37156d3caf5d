import CFiles
public import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The jobs of this process out of which no link leads: what is written below one of them, and in the review server what is
/// read, goes through its `JobFolder`, whichever part of the program asks for it.
///
/// The rule: a folder in a job may be a link if it stays in the job or leads into a folder that the user has named with
/// `--follow-links`. Who owns a link or its target says nothing: a link in an unpacked archive is the user's own, and so is
/// what it aims at. Links to files are another matter where something is written: a file gets its name by renaming, which
/// replaces a link and leaves its target alone.
///
/// It is one value of the process because it is one rule of the command, and because what writes a file knows its path, not
/// the job. Processes that are started inherit it by the environment.
public enum JobFence {
    private struct Post: Codable {
        var job: String
        var following: [String]
        /// Whether what is read goes through it too.
        var reads: Bool
    }

    private static let posts = Mutex<[(post: Post, folder: JobFolder)]>(inherited)
    private static let variable = "WSI_JOB_FENCE"

    /// Raises it around a job; raised again it is as the last word says.
    /// - Parameters:
    ///   - root: need not be there yet.
    ///   - following: folders outside of the job that its links may lead into.
    ///   - reads: whether reading is held to it too.
    /// - Throws: `StorageError.leavesJob` for a folder of the job that is a link out of it, where `reads` is false: nothing has
    ///   been done then; `.system` for a folder to follow that is not there.
    public static func raise(around root: URL, following: [URL] = [], reads: Bool = false) throws(StorageError) {
        let folder = try JobFolder(root, following: following)
        if !reads { try folder.checkFolders() }
        let post = Post(job: root.path, following: folder.following, reads: reads)
        posts.withLock { posts in
            posts.removeAll { $0.post.job.utf8.elementsEqual(post.job.utf8) }
            posts.append((post, folder))
        }
    }

    /// What processes that are started need to know; empty where there is no fence.
    public static var environment: [String: String] {
        let posts = posts.withLock { $0.map(\.post) }
        guard !posts.isEmpty, let data = try? CanonicalJSON.line(posts) else { return [:] }
        return [variable: String(decoding: data, as: UTF8.self)]
    }

    /// The job that a path lies in, by its name, and the way from there; nil where no fence is.
    public static func job(of url: URL, reading: Bool = false) -> (folder: JobFolder, path: String)? {
        let path = url.path
        let found = posts.withLock { posts in
            posts.filter { post, _ in
                (post.reads || !reading) && path.utf8.starts(with: post.job.utf8)
                    && (path.utf8.count == post.job.utf8.count
                        || path.utf8.dropFirst(post.job.utf8.count).first == UInt8(ascii: "/"))
            }
            .max { $0.post.job.utf8.count < $1.post.job.utf8.count }
        }
        guard let (post, folder) = found else { return nil }
        return (folder, String(Substring(path.utf8.dropFirst(post.job.utf8.count + 1))))
    }

    private static var inherited: [(post: Post, folder: JobFolder)] {
        guard let text = ProcessInfo.processInfo.environment[variable],
            let posts = try? JSONDecoder().decode([Post].self, from: Data(text.utf8))
        else { return [] }
        return posts.map { ($0, JobFolder(URL(filePath: $0.job), real: $0.following)) }
    }
}

extension JobFolder {
    /// Looks at every folder before any work is done: that the last of thousands of slides cannot be written, nobody wants to learn
    /// after hours.
    /// - Throws: `StorageError.leavesJob` for the first link, by name, to a folder outside.
    func checkFolders() throws(StorageError) { try check("", depth: 6) }

    private func check(_ path: String, depth: Int) throws(StorageError) {
        // What is not there, or cannot be looked into, is said by who uses it.
        guard depth > 0, let folder = opendir(full(path)) else { return }
        var (links, folders) = ([String](), [String]())
        while let entry = readdir(folder) {
            let kind = Int32(entry.pointee.d_type)
            guard kind != Int32(DT_REG) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            // Pyramids of pictures hold thousands of folders, which their own writer makes.
            if name == "." || name == ".." || name.hasSuffix("_files") { continue }
            let own = path.isEmpty ? name : "\(path)/\(name)"
            if isLink(own) { links.append(own) } else { folders.append(own) }
        }
        closedir(folder)
        for link in links.sorted() where RegularFile.kind(of: full(link)) == .folder {
            close(try descriptor(of: link, cfiles_place | O_DIRECTORY))
        }
        for own in folders.sorted() where RegularFile.kind(of: full(own)) == .folder {
            try check(own, depth: depth - 1)
        }
    }

    private func isLink(_ path: String) -> Bool {
        var facts = stat()
        return lstat(full(path), &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK
    }
}
