"""Templates of C code."""

__all__ = ["pretty_format", "render_string", "strip_leading_white_space"]


def render_string(string, sub):
    """``string % sub``; an error shows how far the template could be filled in.

    Parameters
    ----------
    string : str
        With ``%(name)s`` in it.
    sub : dict
        What takes the place of each name.

    Raises
    ------
    Exception
        If the template asks for something that ``sub`` does not have, with the text up to there.
    """
    try:
        return string % sub
    except Exception as error:
        for end in range(len(string) + 1):
            try:
                string[:end] % sub
            except Exception as found:
                if str(found) == str(error):
                    raise Exception(f"{string[:end]}<<<< caused exception {error}") from error
        raise


def pretty_format(string):
    """C code with each line indented by the braces that are open before it, four spaces a brace."""
    lines, depth = [], 0
    for line in map(strip_leading_white_space, string.split("\n")):
        depth = max(depth - line.count("}"), 0)
        lines.append(" " * 4 * depth + line)
        depth += line.count("{")
    return "\n".join(lines)


def strip_leading_white_space(line):
    """``line`` without the spaces and tabs that it begins with."""
    return line.lstrip(" \t")
